// Goal: what one JavaScript or TypeScript file says on its own. Method: golden facts of one small
// source per construct, whole, so that what must not be there shows as well.
#include "bind_fixture.h"

#include <gtest/gtest.h>

namespace kausal::ingest {
namespace {

using Files = std::map<std::string, std::string>;
using test::BindFixture;

// Classes, interfaces, aliases, enumerations, namespaces, overloads, abstract members, parameter
// properties.
constexpr const char* kTypeScriptFacts =
    R"kausal(def class exported abstract `Shop` lines 2-12 signature=`export default abstract class Shop<T extends Item> extends Base<T> implements Open, ns.Close` extends=`Base` implements=`Open` implements=`ns.Close` doc 1-1 `/** A shop. */`
  def field exported static `count` lines 3-3 value=`#number` signature=`static count = 0`
  def field `items` lines 4-4 type=`Map<string, T>` value=`new Map()` signature=`private readonly items: Map<string, T> = new Map()`
  def field `#key` lines 5-5 value=`#number` signature=`#key = 1`
  def method exported `handle` lines 6-6 params 1..1 `(e: Event)` signature=`handle = (e: Event)`
  def method exported constructor `constructor` lines 7-7 params 1..2 `(private readonly svc: Service, public name?: string)` signature=`constructor(private readonly svc: Service, public name?: string)`
  def field `svc` lines 7-7 type=`Service` signature=`private readonly svc: Service`
  def field exported `name` lines 7-7 type=`string` signature=`public name: string`
  def field exported `late` lines 7-7 signature=`constructor(private readonly svc: Service, public name?: string) { super(); this.late = svc.make(); }`
  def method exported `size` lines 8-8 params 0..0 `()` type=`number` signature=`get size(): number`
  def method exported abstract `open` lines 9-9 params 0..0 `()` type=`void` signature=`abstract open(): void`
  def method exported declaration `over` lines 10-10 params 1..1 `(a: string)` type=`void` signature=`over(a: string): void`
  def method exported `over` lines 11-11 params 1..1 `(a: any)` signature=`over(a: any)`
def interface `Open` lines 13-13 signature=`interface Open extends Base0` extends=`Base0`
  def method exported abstract `open` lines 13-13 params 1..1 `(x: number)` type=`void` signature=`open(x: number): void`
  def field exported `name` lines 13-13 type=`string` signature=`name: string`
  def field exported `cb` lines 13-13 type=`(a: A) => B` signature=`cb: (a: A) => B`
def alias `Props` lines 14-14 type=`{ onClick: () => void } & Other` signature=`type Props = { onClick: () => void } & Other`
  def field exported `onClick` lines 14-14 type=`() => void` signature=`onClick: () => void`
def enum `Color` lines 15-15 signature=`enum Color`
  def enum_member exported static `Red` lines 15-15 signature=`Red`
  def enum_member exported static `Green` lines 15-15 signature=`Green = 2`
def module exported `Geo` lines 16-16 signature=`export namespace Geo`
  def function exported `area` lines 16-16 params 0..0 `()` signature=`export function area()`
  def constant `inner` lines 16-16 value=`#number` signature=`inner = 1`
def function exported declaration `native` lines 17-17 params 1..1 `(x: number)` type=`string` signature=`export declare function native(x: number): string`
import 2 `` name=`Shop` alias=`default` reexport in Shop
local `T` in Shop bytes 64-445 type=`Item`
local `e` in handle bytes 216-235 type=`Event`
local `=>` in handle bytes 220-235 value=`#statement_block`
local `svc` in constructor bytes 268-340 type=`Service`
local `name` in constructor bytes 289-340 type=`string`
local `this.late` in constructor bytes 337-340 value=`svc.make()`
local `return` in size bytes 373-375 value=`#number`
local `a` in over bytes 417-424 type=`string`
local `a` in over bytes 439-443 type=`any`
local `x` in open bytes 491-498 type=`number`
local `a` in Open bytes 523-529 type=`A`
local `x` in native bytes 717-727 type=`number`
type 2 `Item` in Shop (declaration)
mention 2 `Base` in Shop (declaration)
type 2 `T` in Shop (declaration)
type 2 `Open` in Shop (declaration)
type 2 `ns.Close` in Shop (declaration)
type 4 `Map` in items (declaration)
type 4 `T` in items (declaration)
new 4 `Map` args 0 in items (declaration)
type 6 `Event` in handle (declaration)
call 6 this -> `go` args 0 in handle
type 7 `Service` in constructor (declaration)
call 7 `super` args 0 in constructor
mention 7 `svc` in constructor
call 7 svc -> `make` args 0 in constructor
type 13 `Base0` in Open (declaration)
type 13 `A` in cb (declaration)
type 13 `B` in cb (declaration)
type 14 `Other` in Props (declaration)
)kausal";

TEST(JavaScriptFacts, DefinitionsOfTypeScript) {
    BindFixture tree(Files{
        {"m.ts", R"kausal(/** A shop. */
export default abstract class Shop<T extends Item> extends Base<T> implements Open, ns.Close {
  static count = 0;
  private readonly items: Map<string, T> = new Map();
  #key = 1;
  handle = (e: Event) => { this.go(); };
  constructor(private readonly svc: Service, public name?: string) { super(); this.late = svc.make(); }
  get size(): number { return 1; }
  abstract open(): void;
  over(a: string): void;
  over(a: any) {}
}
interface Open extends Base0 { open(x: number): void; name: string; cb: (a: A) => B; }
type Props = { onClick: () => void } & Other;
enum Color { Red, Green = 2 }
export namespace Geo { export function area() {} const inner = 1; }
export declare function native(x: number): string;
)kausal"},
    });
    EXPECT_EQ(tree.facts("m.ts"), kTypeScriptFacts);
}

// Functions of all forms, object members, prototypes, assigned members, CommonJS exports, what is
// none.
constexpr const char* kJavaScriptFacts =
    R"kausal(def function `plain` lines 1-1 params 1..2+ `(a, b = 1, ...rest)` signature=`function plain(a, b = 1, ...rest)`
def function `arrow` lines 2-2 params 1..1 `(x)` signature=`arrow = async (x)`
def function `fn` lines 2-2 params 0..0 `()` signature=`fn = function ()`
def function `single` lines 3-3 params 1..1 `x` signature=`var single = x`
def constant exported `table` lines 4-4 value=`#object` signature=`export const table = { list() {}, get: () => 1, sub: new Client(), plain, n: 1 }`
  def method `list` lines 4-4 params 0..0 `()` signature=`list()`
  def method `get` lines 4-4 params 0..0 `()` signature=`get: ()`
  def field `sub` lines 4-4 value=`new Client()` signature=`sub: new Client()`
  def field `plain` lines 4-4 value=`plain` signature=`plain`
def class `Foo` lines 5-5 signature=`class Foo`
  def field exported static `s` lines 5-5 value=`#number` signature=`static s = 1`
  def method `#p` lines 5-5 params 0..0 `()` signature=`#p()`
  def method exported `v` lines 5-5 params 1..1 `(x)` signature=`set v(x)`
  def method exported `quoted name` lines 5-5 params 0..0 `()` signature=`'quoted name'()`
  def method exported `late` lines 6-6 params 0..0 `()` signature=`Foo.prototype.late = function ()`
  def method exported static `make` lines 7-7 params 0..0 `()` signature=`Foo.make = function ()`
  def field exported `z` lines 7-7 signature=`Foo.make = function () { this.z = 1; }`
def function exported `x` lines 8-8 params 0..0 `()` signature=`exports.x = function ()`
def constant exported `y` lines 9-9 value=`make()` signature=`module.exports.y = make()`
def function `factory` lines 12-12 params 0..0 `()` signature=`function factory()`
  def method `go` lines 12-12 params 0..0 `()` signature=`go()`
  def method `stop` lines 12-12 params 0..0 `()` signature=`stop: ()`
local `a` in plain bytes 16-36
local `b` in plain bytes 23-36 value=`#number`
local `rest` in plain bytes 32-36
local `x` in arrow bytes 59-69
local `=>` in arrow bytes 63-69 value=`x.y()`
local `function` in fn bytes 84-90
local `x` in single bytes 106-111
local `=>` in single bytes 109-111 value=`x`
local `=>` in get bytes 157-159 value=`#number`
local `x` in v bytes 236-240
local `function` in late bytes 291-297
local `function` in make bytes 318-337
local `this.z` in make bytes 334-337 value=`#number`
local `function` in x bytes 359-365
local `=>` in - bytes 430-433 value=`#statement_block`
local `=>` in - bytes 448-456 value=`inner()`
local `=>` in stop bytes 509-512 value=`#statement_block`
local `return` in factory bytes 515-517 value=`#object`
call 2 x -> `y` args 0 in arrow
new 4 `Client` args 0 in sub (declaration)
mention 6 `Foo` in late (declaration)
mention 6 Foo -> `prototype` in late (declaration)
mention 7 `Foo` in make (declaration)
mention 8 `exports` in x (declaration)
mention 9 `module` in y (declaration)
mention 9 module -> `exports` in y (declaration)
call 9 `make` args 0 in y (declaration)
mention 10 `app` in -
call 10 app -> `use` args 1 in -
call 11 `call` args 1 in -
call 11 `inner` args 0 in -
)kausal";

TEST(JavaScriptFacts, DefinitionsOfJavaScript) {
    BindFixture tree(Files{
        {"m.js", R"kausal(function plain(a, b = 1, ...rest) {}
const arrow = async (x) => x.y(), fn = function () {};
var single = x => x;
export const table = { list() {}, get: () => 1, sub: new Client(), plain, n: 1 };
class Foo { static s = 1; #p() {} set v(x) {} 'quoted name'() {} }
Foo.prototype.late = function () {};
Foo.make = function () { this.z = 1; };
exports.x = function () {};
module.exports.y = make();
app.use({ install() {}, setup: () => {} });
call(() => inner());
function factory() { return { go() {}, stop: () => {} }; }
)kausal"},
    });
    EXPECT_EQ(tree.facts("m.js"), kJavaScriptFacts);
}

// ES modules, CommonJS, type imports, dynamic imports.
TEST(JavaScriptFacts, ImportsAndExportsOfAllKinds) {
    BindFixture tree(Files{
        {"m.ts", R"kausal(import fs, { readFile as rf, join } from 'fs';
import * as path from "path";
import './side';
import type { T } from './types';
import old = require('./old');
export { a as b, c } from './a';
export * from './all';
export * as ns from './ns';
export { local as outer };
export default local;
const lazy = await import('./lazy');
)kausal"},
        {"n.js", R"kausal(const x = require('./x'), { p, q: r } = require('../y');
const z = require('./z').part;
exports.again = require('./again');
module.exports = x;
)kausal"},
    });
    EXPECT_EQ(tree.facts("m.ts"), R"kausal(import 1 `fs` name=`readFile` alias=`rf`
import 1 `fs` name=`join`
import 1 `fs` alias=`fs` default
import 2 `path` alias=`path` namespace
import 3 `./side`
import 4 `./types` name=`T`
import 5 `./old` alias=`old` namespace
import 6 `./a` name=`a` alias=`b` reexport
import 6 `./a` name=`c` reexport
import 7 `./all` wildcard reexport
import 8 `./ns` alias=`ns` reexport namespace
import 9 `` name=`local` alias=`outer` reexport
import 10 `` name=`local` alias=`default` reexport
import 11 `./lazy` alias=`lazy` namespace
import 11 `./lazy`
mention 10 `local` in -
)kausal");
    EXPECT_EQ(tree.facts("n.js"), R"kausal(import 1 `./x` alias=`x` namespace
import 1 `./x`
import 1 `../y` name=`p`
import 1 `../y` name=`q` alias=`r`
import 1 `../y`
import 2 `./z`
import 2 `./z` name=`part` alias=`z`
import 3 `./again` alias=`again` reexport namespace
import 3 `./again`
import 4 `` name=`x` alias=`module.exports` reexport
local `r` in - bytes 35-144 position 254
call 1 `require` args 1 in -
call 1 `require` args 1 in -
call 2 `require` args 1 in -
mention 3 `exports` in -
call 3 `require` args 1 in -
mention 4 `x` in -
)kausal");
}

// Typed, destructured, iterated and captured names; marks of closures and returns.
TEST(JavaScriptFacts, LocalsAndClosures) {
    BindFixture tree(Files{
        {"m.ts", R"kausal(function f<T extends Item>({ a, b: c, d = 1 }: Props, [e]: E[], g?: G) {
  const h = make().part;
  const { i, j: { k } } = h;
  for (const m of g.items) { let n: N; }
  try {} catch (o) {}
  g.list.map((p) => p.go());
  return function () { return h as Foo; };
}
)kausal"},
    });
    EXPECT_EQ(
        tree.facts("m.ts"),
        R"kausal(def function `f` lines 1-8 params 2..3 `({ a, b: c, d = 1 }: Props, [e]: E[], g?: G)` signature=`function f<T extends Item>({ a, b: c, d = 1 }: Props, [e]: E[], g?: G)`
local `T` in f bytes 25-263 type=`Item`
local `a` in f bytes 30-263 type=`Props` position 255
local `c` in f bytes 36-263 position 254
local `d` in f bytes 39-263 type=`Props` position 255
local `e` in f bytes 56-263
local `g` in f bytes 69-263 type=`G`
local `h` in f bytes 96-263 value=`make().part`
local `k` in f bytes 117-263 position 254
local `i` in f bytes 125-263 value=`h` position 255
local `m` in f bytes 141-167 each=`g.items`
local `n` in f bytes 164-167 type=`N`
local `o` in f bytes 185-189
local `p` in f bytes 205-216 each=`g.list`
local `=>` in f bytes 209-216 value=`p.go()`
local `function` in f bytes 236-260
local `return` in f bytes 258-260 value=`h.cast Foo`
local `return` in f bytes 261-263 value=`#function_expression`
type 1 `Item` in f (declaration)
type 1 `Props` in f (declaration)
type 1 `E` in f (declaration)
type 1 `G` in f (declaration)
call 2 `make` args 0 in f
mention 2 make() -> `part` in f
mention 4 g -> `items` in f
type 4 `N` in f
mention 6 g -> `list` in f
call 6 g.list -> `map` args 1 in f
call 6 p -> `go` args 0 in f
type 7 `Foo` in f
)kausal");
}

// Calls, constructions, types, decorators, elements, values.
TEST(JavaScriptFacts, ReferencesByRole) {
    BindFixture tree(Files{
        {"m.tsx", R"kausal(@Component({ x: 1 })
class A extends B<C> {
  m(t: D): E<F> { this.n!.o(t as G, cb); new H.I<J>(); return <K.L a={v}><m2 /></K.L>; }
}
tag`x${y}`;
a?.b?.();
(await c()).d;
)kausal"},
    });
    EXPECT_EQ(
        tree.facts("m.tsx"),
        R"kausal(def class reflected `A` lines 1-4 signature=`class A extends B<C>` extends=`B`
  def method exported `m` lines 3-3 params 1..1 `(t: D)` type=`E<F>` signature=`m(t: D): E<F>`
local `t` in m bytes 52-132 type=`D`
local `return` in m bytes 130-132 value=`#jsx_element`
decorator 1 `Component` in A (declaration)
mention 2 `B` in A (declaration)
type 2 `C` in A (declaration)
type 3 `D` in m (declaration)
type 3 `E` in m (declaration)
type 3 `F` in m (declaration)
mention 3 this -> `n` in m
call 3 this.n -> `o` args 2 in m
type 3 `G` in m
mention 3 `cb` in m
mention 3 `H` in m
new 3 H -> `I` args 0 in m
type 3 `J` in m
mention 3 `K` in m
macro 3 K -> `L` in m
mention 3 `v` in m
macro 3 `m2` in m
mention 3 K -> `L` in m
call 5 `tag` args 2 in -
mention 5 `y` in -
mention 6 `a` in -
call 6 a -> `b` args 0 in -
call 7 `c` args 0 in -
mention 7 c() -> `d` in -
)kausal");
}

}  // namespace
}  // namespace kausal::ingest
