# The tree-sitter core and its grammars, compiled from the pinned packages that `./dev setup` fetches.
