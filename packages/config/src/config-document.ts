import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml'
import { ConfigError, type ConfigPath, type Problem } from './problem.ts'

/** A configuration's text as plain data, and where each key of it stands. */
export interface ConfigDocument {
  readonly value: unknown
  /** Line and column of a key, or of the nearest key above it that is in the text. */
  locate(path: ConfigPath): { readonly line: number; readonly column: number } | undefined
}

/** Reads YAML, and JSON, which is YAML too. @throws {ConfigError} with every mistake of syntax. */
export function parseConfigDocument(text: string, file: string): ConfigDocument {
  const lines = new LineCounter()
  // pretty errors quote the line, and the line may hold a key
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const broken = [...document.errors, ...document.warnings].map(
    (error): Problem => ({ path: [], message: syntaxMessage(error.code, error.message), ...position(error.pos[0]) }),
  )
  broken.push(...valueProblems(document).map(({ offset, ...problem }) => ({ ...problem, ...position(offset) })))
  if (broken.length > 0) throw new ConfigError(file, broken)
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch {
    throw new ConfigError(file, [{ path: [], message: 'its aliases (*name) stand for too much; write it out' }])
  }
  return {
    value,
    locate(path) {
      let node: unknown = document.contents
      let offset: number | undefined
      for (const key of path) {
        if (isAlias(node)) node = node.resolve(document)
        if (isMap(node)) {
          const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(key))
          if (pair === undefined) break
          offset = startOf(pair.key) ?? offset
          node = pair.value
        } else if (isSeq(node) && typeof key === 'number' && key < node.items.length) {
          node = node.items[key]
          offset = startOf(node) ?? offset
        } else break
      }
      return offset === undefined ? undefined : position(offset)
    },
  }
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0]
}

// what YAML allows and data cannot hold
function valueProblems(document: Document.Parsed): (Problem & { readonly offset: number })[] {
  const problems: (Problem & { readonly offset: number })[] = []
  const report = (node: unknown, message: string): void => {
    problems.push({ path: [], message, offset: startOf(node) ?? 0 })
  }
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) === undefined) {
        report(node, 'an alias (*name) has no anchor (&name) before it; put a text that begins with "*" in quotes')
      }
    },
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') report(key, '"__proto__" cannot be a key; choose another name')
    },
  })
  return problems
}

const syntaxMessages: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: 'the same key stands twice; keep one of them',
  MULTIPLE_DOCS: 'a second document begins here ("---"); a configuration is one',
  // the tag may be a part of a key
  TAG_RESOLVE_FAILED: 'not valid YAML: an unknown tag; put a text that begins with "!" in quotes',
}

function syntaxMessage(code: string, message: string): string {
  return syntaxMessages[code] ?? `not valid YAML: ${message}`
}
