import type { Node } from 'oxc-parser'
import { parseAndWalk } from 'oxc-walker'
import { lineAt } from './module-imports.ts'
import { isTestFile } from './workspace.ts'

const globals = new Set(['performance', 'setTimeout', 'setInterval', 'setImmediate', 'crypto'])
const modules = new Set(['timers', 'timers/promises', 'perf_hooks', 'crypto'])
/** of these, only the members named are harmless */
const partly: Readonly<Record<string, (member: string) => boolean>> = {
  Date: member => member === 'parse' || member === 'UTC' || member === 'prototype',
  Math: member => member !== 'random',
  AbortSignal: member => member !== 'timeout',
  process: member => member !== 'hrtime' && member !== 'uptime',
  globalThis: member => !globals.has(member) && !(member in partly),
}
const typeWrappers = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
])

/** Where core may touch the real clock: the one adapter, and what only tests run. */
export function mayReadSystemClock(path: string): boolean {
  return path === 'src/clock/system-clock.ts' || path.startsWith('src/testing/') || isTestFile(path)
}

/** Clocks, timers and randomness taken from the platform instead of being injected. */
export function uninjectedTime(text: string, path: string): readonly string[] {
  const found: string[] = []
  const report = (node: Node, what: string) => found.push(`${path}:${lineAt(text, node.start)} uses ${what}`)
  parseAndWalk(text, path, function (node, parent) {
    // types say nothing at run time, but `x as T` holds a value
    if (node.type.startsWith('TS') && !typeWrappers.has(node.type)) return this.skip()
    if (node.type === 'ImportDeclaration' && modules.has(node.source.value.replace(/^node:/, ''))) {
      return report(node, node.source.value)
    }
    if (node.type !== 'Identifier' || isOnlyAName(node, parent)) return
    if (globals.has(node.name)) report(node, node.name)
    const harmless = Object.hasOwn(partly, node.name) ? partly[node.name] : undefined
    if (harmless && !isHarmlessUse(node, parent, harmless)) report(node, node.name)
  })
  return found
}

function isOnlyAName(node: Node, parent: Node | null): boolean {
  switch (parent?.type) {
    case 'MemberExpression':
      return parent.property === node && !parent.computed
    case 'Property':
      return parent.key === node && !parent.computed && !parent.shorthand
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent.key === node && !parent.computed
    default:
      return false
  }
}

function isHarmlessUse(node: Node, parent: Node | null, harmless: (member: string) => boolean): boolean {
  if (parent?.type === 'MemberExpression' && parent.object === node) {
    const { property } = parent
    if (!parent.computed) return property.type === 'Identifier' && harmless(property.name)
    return property.type === 'Literal' && typeof property.value === 'string' && harmless(property.value)
  }
  if (parent?.type === 'NewExpression') return parent.callee === node && parent.arguments.length > 0
  return parent?.type === 'BinaryExpression' && parent.operator === 'instanceof'
}
