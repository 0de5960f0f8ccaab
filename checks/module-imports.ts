import { parseAndWalk } from 'oxc-walker'

export interface ModuleImport {
  readonly specifier: string
  /** counted from 1 */
  readonly line: number
}

/** Everything a module reaches for: import, export from, import(), import type, require. */
export function moduleImports(text: string, path: string): readonly ModuleImport[] {
  const found: ModuleImport[] = []
  const add = (source: { readonly type: string; readonly start: number; readonly value?: unknown } | null) => {
    if (source && typeof source.value === 'string') {
      found.push({ specifier: source.value, line: lineAt(text, source.start) })
    }
  }
  parseAndWalk(text, path, node => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportNamedDeclaration':
      case 'ExportAllDeclaration':
      case 'ImportExpression':
      case 'TSImportType':
        return add(node.source)
      case 'TSExternalModuleReference':
        return add(node.expression)
      case 'CallExpression':
        if (node.callee.type === 'Identifier' && node.callee.name === 'require') return add(node.arguments[0] ?? null)
    }
  })
  return found
}

export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
