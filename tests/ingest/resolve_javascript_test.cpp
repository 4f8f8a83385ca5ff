// Goal: JavaScript and TypeScript names are bound by evidence and nothing else. Method: a few files
// per rule, with unrelated symbols of the same names among them, and all edges compared, so that an
// invented one fails too.
#include "bind_fixture.h"

#include <gtest/gtest.h>

namespace kausal::ingest {
namespace {

using Files = std::map<std::string, std::string>;
using test::BindFixture;

// Named, default and namespace imports, side effects, re-exports and barrels; same names elsewhere
// stay out.
TEST(JavaScriptBinding, ModulesNamedDefaultNamespace) {
    BindFixture tree(Files{
        {"src/a.ts", R"kausal(export function run() {}
export default class Thing { act() {} }
export const arrow = () => run();
function hidden() {}
)kausal"},
        {"src/b/index.ts", R"kausal(export * from '../a';
export { run as renamed } from '../a';
export { default as Default } from '../a';
export * as all from '../a';
)kausal"},
        {"src/use.ts", R"kausal(import Thing, { run, arrow as go } from './a.js';
import * as ns from './a';
import { renamed, Default, all, run as viaBarrel } from './b';
import './a';
import fs, { readFile } from 'node:fs';

run();
go();
ns.run();
renamed();
viaBarrel();
all.run();
new Thing().act();
new Default().act();
readFile('x');
fs.statSync('y');
hidden();
)kausal"},
        {"src/decoy.ts", R"kausal(export function run() {}
export class Thing { act() {} }
export function readFile() {}
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(src/a.ts:3 src/a.arrow -> src/a.run calls_function resolved scope
src/use.ts:10 src/use.ts -> src/a.run calls_function resolved import
src/use.ts:11 src/use.ts -> src/a.run calls_function resolved import
src/use.ts:12 src/use.ts -> src/a.run calls_function resolved import
src/use.ts:13 src/use.ts -> src/a.Thing calls resolved import
src/use.ts:13 src/use.ts -> src/a.Thing.act calls_method resolved receiver_type
src/use.ts:14 src/use.ts -> src/a.Thing calls resolved import
src/use.ts:14 src/use.ts -> src/a.Thing.act calls_method resolved receiver_type
src/use.ts:15 src/use.ts -> external fs.readFile calls resolved external
src/use.ts:16 src/use.ts -> external fs.statSync calls resolved external
src/use.ts:17 src/use.ts -> src/a.hidden calls_function candidate name_match 160
src/use.ts:7 src/use.ts -> src/a.run calls_function resolved import
src/use.ts:8 src/use.ts -> src/a.arrow calls_function resolved import
src/use.ts:9 src/use.ts -> src/a.run calls_function resolved import
)kausal");
}

// require, module.exports and exports in their usual forms.
TEST(JavaScriptBinding, CommonJs) {
    BindFixture tree(Files{
        {"lib/one.js", R"kausal(module.exports = function one() {};
)kausal"},
        {"lib/two.js", R"kausal(function a() {}
const b = () => a();
module.exports = { a, c: b, d() { this.e(); }, e: function () {} };
)kausal"},
        {"lib/three.js", R"kausal(exports.x = function () {};
exports.y = exports.x;
class K { m() {} }
exports.K = K;
)kausal"},
        {"lib/index.js", R"kausal(exports.two = require('./two');
)kausal"},
        {"main.js", R"kausal(const one = require('./lib/one');
const { a, c: cc } = require('./lib/two');
const two = require('./lib/two');
const x = require('./lib/three').x;
const { K } = require('./lib/three');
const lib = require('./lib');
const path = require('path');

one();
a();
cc();
two.d();
x();
new K().m();
lib.two.a();
path.join('a');
)kausal"},
        {"decoy.js", R"kausal(function a() {}
function x() {}
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(lib/two.js:2 lib/two.b -> lib/two.a calls_function resolved scope
lib/two.js:3 lib/two.export=.d -> lib/two.export=.e calls_method resolved receiver_type
main.js:10 main.js -> lib/two.a calls_function resolved import
main.js:11 main.js -> lib/two.b calls_function resolved import
main.js:12 main.js -> lib/two.export=.d calls_method resolved receiver_type
main.js:13 main.js -> lib/three.x calls_function resolved import
main.js:14 main.js -> lib/three.K calls resolved import
main.js:14 main.js -> lib/three.K.m calls_method resolved receiver_type
main.js:15 main.js -> lib/two.a calls_function resolved receiver_type
main.js:16 main.js -> external path.join calls resolved external
main.js:9 main.js -> lib/one.export= calls_function resolved import
)kausal");
}

// this, super, statics, private members, accessors and inheritance over modules; overrides.
TEST(JavaScriptBinding, ClassesThisSuperStatic) {
    BindFixture tree(Files{
        {"base.ts", R"kausal(export abstract class Base {
  constructor(protected readonly log: Logger) {}
  abstract step(): void;
  run() { this.step(); this.log.write('x'); }
  static create() { return new this(); }
}
export class Logger { write(text: string) {} }
export interface Runnable { run(): void; }
)kausal"},
        {"app.ts", R"kausal(import { Base, Logger, Runnable } from './base';

export class App extends Base implements Runnable {
  #count = 0;
  static shared = new App(new Logger());
  constructor(log: Logger) { super(log); }
  step() { this.#bump(); super.run(); App.helper(); }
  #bump() { this.#count++; }
  get size() { return 1; }
  static helper() { App.shared.run(); }
  read() { return this.size; }
}
)kausal"},
        {"decoy.ts", R"kausal(export class Other { step() {} run() {} write() {} }
)kausal"},
    });
    EXPECT_EQ(tree.edges(), R"kausal(app.ts:1 app.ts -> base.Base imports resolved import
app.ts:1 app.ts -> base.Logger imports resolved import
app.ts:1 app.ts -> base.Runnable imports resolved import
app.ts:1 app.ts -> base.ts imports resolved import
app.ts:1 app.ts -> base.ts imports resolved import
app.ts:1 app.ts -> base.ts imports resolved import
app.ts:10 app.App.helper -> app.App references resolved scope
app.ts:10 app.App.helper -> app.App.shared references resolved receiver_type
app.ts:10 app.App.helper -> base.Base.run calls_method resolved inheritance
app.ts:11 app.App.read -> app.App.size calls_method resolved receiver_type
app.ts:3 app.App -> base.Base extends resolved import
app.ts:3 app.App -> base.Base references resolved import
app.ts:3 app.App -> base.Runnable implements resolved import
app.ts:3 app.App -> base.Runnable references resolved import
app.ts:5 app.App -> app.App.constructor calls_method resolved scope
app.ts:5 app.App -> base.Logger calls resolved import
app.ts:6 app.App.constructor -> base.Base.constructor calls_method resolved inheritance
app.ts:6 app.App.constructor -> base.Logger references resolved import
app.ts:7 app.App.step -> app.App references resolved scope
app.ts:7 app.App.step -> app.App.#bump calls_method resolved receiver_type
app.ts:7 app.App.step -> app.App.helper calls_method resolved receiver_type
app.ts:7 app.App.step -> base.Base.run calls_method resolved inheritance
app.ts:7 app.App.step -> base.Base.step overrides resolved inheritance
app.ts:8 app.App.#bump -> app.App.#count references resolved receiver_type
base.ts:2 base.Base.constructor -> base.Logger references resolved scope
base.ts:4 base.Base.run -> base.Base.log references resolved receiver_type
base.ts:4 base.Base.run -> base.Base.step calls_method resolved receiver_type
base.ts:4 base.Base.run -> base.Logger.write calls_method resolved receiver_type
base.ts:5 base.Base.create -> base.Base.constructor calls_method resolved scope
)kausal");
}

// Types of parameters, locals, fields, results, casts, awaited and contained values.
TEST(JavaScriptBinding, ReceiverTypes) {
    BindFixture tree(Files{
        {"m.ts", R"kausal(interface Item { go(): void; cb: (x: number) => void; }
class Store {
  items: Item[] = [];
  byName = new Map<string, Item>();
  load(id: string): Promise<Item> { return null as any; }
  all() { return this.items; }
  self(): this { return this; }
}
class Other { go() {} load() {} }

async function use(store: Store, maybe: Store | null, any: any, { items }: Store) {
  (await store.load('a')).go();
  const item = await store.load('b');
  item.go();
  item.cb(1);
  for (const one of store.items) one.go();
  store.all()[0].go();
  store.byName.get('x')!.go();
  store.items.forEach((it) => it.go());
  maybe?.self().load('c');
  (any as Store).load('d');
  any.go();
  items[0].go();
  const { byName } = store;
  byName.get('y');
  const made = make();
  made.load('e');
}
const make = () => new Store();
function generic<T extends Store, U>(t: T, u: U) { t.load('f'); u.go(); }
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(m.ts:12 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:12 m.use -> m.Store.load calls_method resolved receiver_type
m.ts:13 m.use -> m.Store.load calls_method resolved receiver_type
m.ts:14 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:15 m.use -> m.Item.cb calls resolved receiver_type
m.ts:16 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:17 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:17 m.use -> m.Store.all calls_method resolved receiver_type
m.ts:18 m.use -> external Map.get calls resolved external
m.ts:18 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:19 m.use -> external Array.forEach calls resolved external
m.ts:19 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:20 m.use -> m.Store.load calls_method resolved receiver_type
m.ts:20 m.use -> m.Store.self calls_method resolved receiver_type
m.ts:21 m.use -> m.Store.load calls_method resolved receiver_type
m.ts:22 m.use -> m.Item.go calls_method candidate name_match 80
m.ts:22 m.use -> m.Other.go calls_method candidate name_match 80
m.ts:23 m.use -> m.Item.go calls_method resolved receiver_type
m.ts:25 m.use -> external Map.get calls resolved external
m.ts:26 m.use -> m.make calls_function resolved scope
m.ts:27 m.use -> m.Store.load calls_method resolved receiver_type
m.ts:29 m.make -> m.Store calls resolved scope
m.ts:30 m.generic -> m.Item.go calls_method candidate name_match 80
m.ts:30 m.generic -> m.Other.go calls_method candidate name_match 80
m.ts:30 m.generic -> m.Store.load calls_method resolved receiver_type
m.ts:4 m.Store -> external Map calls resolved external
)kausal");
}

// Callbacks are references; closures belong to the function around; locals shadow.
TEST(JavaScriptBinding, FunctionsAsValues) {
    BindFixture tree(Files{
        {"m.js", R"kausal(import { handler } from './h.js';

function outer(handler2, cb) {
  [1].map((x) => inner(x));
  emitter.on('a', handler);
  function inner() {}
  cb();
  handler2();
}
function cb() {}
const table = { handler, run() { return this.stop(); }, stop: () => cb() };
table.run();
export const api = { table };
api.table.stop();
(function () { cb(); })();
)kausal"},
        {"h.js", R"kausal(export function handler() {}
)kausal"},
    });
    EXPECT_EQ(tree.edges(), R"kausal(m.js:1 m.js -> h.handler imports resolved import
m.js:1 m.js -> h.js imports resolved import
m.js:11 m.table.handler -> h.handler references resolved import
m.js:11 m.table.run -> m.table.stop calls_method resolved receiver_type
m.js:11 m.table.stop -> m.cb calls_function resolved scope
m.js:12 m.js -> m.table references resolved scope
m.js:12 m.js -> m.table.run calls_method resolved receiver_type
m.js:13 m.api.table -> m.table references resolved scope
m.js:14 m.js -> m.api references resolved scope
m.js:14 m.js -> m.api.table references resolved receiver_type
m.js:14 m.js -> m.table.stop calls_method resolved receiver_type
m.js:15 m.js -> m.cb calls_function resolved scope
m.js:4 m.outer -> external Array.map calls resolved external
m.js:4 m.outer -> m.outer.inner calls_function resolved scope
m.js:5 m.outer -> h.handler references resolved import
m.js:5 m.outer -> unresolved on calls candidate name_match 0
)kausal");
}

// Constructor functions, prototypes and properties put on functions.
TEST(JavaScriptBinding, PrototypesAndAssignedMembers) {
    BindFixture tree(Files{
        {"m.js", R"kausal(function Foo(x) {
  this.x = new Bar();
  this.late = function () { this.hello(); };
}
Foo.prototype.hello = function () { this.x.ring(); return this; };
Foo.make = function () { return new Foo(1); };
class Bar { ring() {} }

const f = Foo.make();
f.hello().late();
Foo.call(f);
function Decoy() {}
Decoy.prototype.hello = function () {};
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(m.js:10 m.js -> m.Foo.hello calls_method resolved receiver_type
m.js:10 m.js -> m.Foo.late calls_method resolved receiver_type
m.js:11 m.js -> m.Foo calls_function resolved scope
m.js:2 m.Foo -> m.Bar calls resolved scope
m.js:3 m.Foo.late -> m.Foo.hello calls_method resolved receiver_type
m.js:5 m.Foo.hello -> m.Bar.ring calls_method resolved receiver_type
m.js:6 m.Foo.make -> m.Foo calls_function resolved scope
m.js:9 m.js -> m.Foo.make calls_method resolved receiver_type
)kausal");
}

// Elements call components; lower-case elements are none.
TEST(JavaScriptBinding, JsxComponents) {
    BindFixture tree(Files{
        {"Button.tsx",
         R"kausal(export function Button(props: { onPress: () => void }) { return <div><span/></div>; }
export function div() {}
)kausal"},
        {"App.tsx", R"kausal(import { Button } from './Button';
import * as UI from './Button';
import { View } from 'react-native';

const Local = () => <Button onPress={handle} />;
function handle() {}
export default function App() {
  return <Local><UI.Button onPress={handle}></UI.Button><View /><div /></Local>;
}
)kausal"},
    });
    EXPECT_EQ(tree.calls(),
              R"kausal(App.tsx:5 App.Local -> Button.Button calls_function resolved import
App.tsx:8 App.App -> App.Local calls_function resolved scope
App.tsx:8 App.App -> Button.Button calls_function resolved import
App.tsx:8 App.App -> external react-native.View calls resolved external
)kausal");
}

// Packages of the workspace and path aliases lead into the tree; other packages do not.
TEST(JavaScriptBinding, PackagesAndAliases) {
    BindFixture tree(Files{
        {"packages/core/src/index.ts", R"kausal(export function start() {}
)kausal"},
        {"packages/core/src/util.ts", R"kausal(export function tool() {}
)kausal"},
        {"apps/web/src/lib/x.ts", R"kausal(export function alias() {}
)kausal"},
        {"apps/web/src/main.ts", R"kausal(import { start } from '@org/core';
import { tool } from '@org/core/util';
import { alias } from '@app/lib/x';
import { start as foreign } from '@other/core';

start();
tool();
alias();
foreign();
)kausal"},
    });
    tree.config.npm_packages = {{"packages/core", "@org/core"}};
    tree.config.path_aliases = {{"@app/*", "apps/web/src/*"}};
    EXPECT_EQ(
        tree.calls(),
        R"kausal(apps/web/src/main.ts:6 apps/web/src/main.ts -> packages/core/src/index.start calls_function resolved import
apps/web/src/main.ts:7 apps/web/src/main.ts -> packages/core/src/util.tool calls_function resolved import
apps/web/src/main.ts:8 apps/web/src/main.ts -> apps/web/src/lib/x.alias calls_function resolved import
apps/web/src/main.ts:9 apps/web/src/main.ts -> external @other/core.start calls resolved external
)kausal");
}

// Generic names on unknown receivers never become facts; globals and packages are external.
TEST(JavaScriptBinding, UnknownReceiversStayCandidates) {
    BindFixture tree(Files{
        {"m.ts", R"kausal(import { expect } from 'vitest';
export class Store { get(key: string) {} push(x: number) {} log() {} }

export function use(x: any, list: number[]) {
  x.get('a');
  list.push(1);
  console.log('b');
  JSON.parse('{}');
  Math.max(1, 2);
  expect(1).toBe(1);
  missing();
  setTimeout(() => x.push(1));
}
function shadow(console: Store) { console.log(); }
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(m.ts:10 m.use -> external vitest.expect calls resolved external
m.ts:10 m.use -> external vitest.expect().toBe calls resolved external
m.ts:11 m.use -> external missing calls resolved external
m.ts:12 m.use -> external setTimeout calls resolved external
m.ts:12 m.use -> m.Store.push calls_method candidate name_match 160
m.ts:14 m.shadow -> m.Store.log calls_method resolved receiver_type
m.ts:5 m.use -> m.Store.get calls_method candidate name_match 160
m.ts:6 m.use -> external Array.push calls resolved external
m.ts:7 m.use -> external console.log calls resolved external
m.ts:8 m.use -> external JSON.parse calls resolved external
m.ts:9 m.use -> external Math.max calls resolved external
)kausal");
}

// Overload signatures lead to the implementation; enumerations and namespaces have members.
TEST(JavaScriptBinding, OverloadsEnumsNamespaces) {
    BindFixture tree(Files{
        {"m.ts", R"kausal(export function over(a: string): void;
export function over(a: number): void;
export function over(a: any) { parse(a); }
function parse(a: any) {}
export namespace Geo { export function area() { return helper(); } function helper() {} }
export enum Color { Red, Green }
export declare function native(x: number): void;
)kausal"},
        {"use.ts", R"kausal(import { over, Geo, Color, native } from './m';

over(1);
Geo.area();
native(2);
Color.Red.toString();
function parse() {}
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(m.ts:3 m.over -> m.parse calls_function resolved scope
m.ts:5 m.Geo.area -> m.Geo.helper calls_function resolved scope
use.ts:3 use.ts -> m.over calls_function resolved import
use.ts:4 use.ts -> m.Geo.area calls_function resolved import
use.ts:5 use.ts -> m.native calls_function resolved import
use.ts:6 use.ts -> unresolved toString calls candidate name_match 0
)kausal");
}

// Callbacks beside each other have functions of one name: the place of the call tells which is
// meant, and one in a callback hides what the module imports or has.
TEST(JavaScriptBinding, NamesInCallbacksAreSeenThereOnly) {
    BindFixture tree(Files{
        {"src/tool.ts", "export function make() {}\nexport function parse() {}\n"},
        {"src/use.ts", R"kausal(import { make, parse } from './tool';
describe('one', () => {
  const render = () => { one() };
  render();
  it('inner', () => { render(); make(); });
});
describe('two', function () {
  function render() { two() }
  const make = () => {};
  it('inner', () => { render(); make(); parse(); });
  it('parameter', (parse) => { parse(); });
  mount({ parse() {}, other() {} });
  parse();
  other();
});
function one() {}
function two() {}
make();
render();
)kausal"},
    });
    EXPECT_EQ(tree.calls(), R"kausal(src/use.ts:10 src/use.ts -> external it calls resolved external
src/use.ts:10 src/use.ts -> src/tool.parse calls_function resolved import
src/use.ts:10 src/use.ts -> src/use.make calls_function resolved scope
src/use.ts:10 src/use.ts -> src/use.render calls_function resolved scope
src/use.ts:11 src/use.ts -> external it calls resolved external
src/use.ts:12 src/use.ts -> external mount calls resolved external
src/use.ts:13 src/use.ts -> src/tool.parse calls_function resolved import
src/use.ts:14 src/use.ts -> external other calls resolved external
src/use.ts:18 src/use.ts -> src/tool.make calls_function resolved import
src/use.ts:19 src/use.ts -> src/use.render calls_function candidate name_match 80
src/use.ts:19 src/use.ts -> src/use.render calls_function candidate name_match 80
src/use.ts:2 src/use.ts -> external describe calls resolved external
src/use.ts:3 src/use.render -> src/use.one calls_function resolved scope
src/use.ts:4 src/use.ts -> src/use.render calls_function resolved scope
src/use.ts:5 src/use.ts -> external it calls resolved external
src/use.ts:5 src/use.ts -> src/tool.make calls_function resolved import
src/use.ts:5 src/use.ts -> src/use.render calls_function resolved scope
src/use.ts:7 src/use.ts -> external describe calls resolved external
src/use.ts:8 src/use.render -> src/use.two calls_function resolved scope
)kausal");
}

// Of overloads in an interface the one that takes as many arguments; several that do are
// candidates.
TEST(JavaScriptBinding, OverloadsByNumberOfArguments) {
    BindFixture tree(Files{{"src/a.ts", R"kausal(interface Page {
  run(first: string): void
  run(first: string, second: number): void
  use(one: string): void
  use(one: number): void
}
function go(page: Page) {
  page.run('a');
  page.run('a', 2);
  page.use('b');
}
)kausal"}});
    EXPECT_EQ(tree.calls(),
              R"kausal(src/a.ts:10 src/a.go -> src/a.Page.use calls_method candidate arity 120
src/a.ts:10 src/a.go -> src/a.Page.use calls_method candidate arity 120
src/a.ts:8 src/a.go -> src/a.Page.run calls_method resolved receiver_type
src/a.ts:9 src/a.go -> src/a.Page.run calls_method resolved receiver_type
)kausal");
}

// What a pattern leaves out counts: the second part is not the first that has a name.
TEST(JavaScriptBinding, PartsLeftOutOfArraysCount) {
    BindFixture tree(Files{{"src/a.ts", R"kausal(class A { go() {} }
class B { go() {} }
function run(pair: [A, B]) {
  const [, second] = pair;
  second.go();
}
)kausal"}});
    EXPECT_EQ(tree.calls(),
              R"kausal(src/a.ts:5 src/a.run -> src/a.B.go calls_method resolved receiver_type
)kausal");
}

}  // namespace
}  // namespace kausal::ingest
