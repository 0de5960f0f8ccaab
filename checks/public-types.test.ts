import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { anyInPublicTypes, anyKeywordLines } from './public-types.ts'
import { publicPackages } from './workspace.ts'

describe('public types', () => {
  test.each(publicPackages().map(one => [one.manifest.name, one] as const))('%s says any nowhere', (_, one) => {
    expect(anyInPublicTypes(one)).toEqual([])
  })

  test('any is found as a type, not in a comment or a name', () => {
    const text = ['// any', 'export interface A {', '  any: string', '  b: Array<any>', '}'].join('\n')
    expect(anyKeywordLines(text, 'a.d.ts')).toEqual([4])
  })

  test('it is found as far as the exports reach, and not beyond', () => {
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-types-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    mkdirSync(join(directory, 'dist'))
    writeFileSync(join(directory, 'dist/index.d.ts'), "export * from './reached.js'\n")
    writeFileSync(join(directory, 'dist/reached.d.ts'), 'export declare const x: any\n')
    writeFileSync(join(directory, 'dist/unreached.d.ts'), 'export declare const y: any\n')
    const manifest = { name: 'planted', exports: { '.': { types: './dist/index.d.ts' } } }
    expect(anyInPublicTypes({ kind: 'package', folder: 'planted', directory, manifest })).toEqual([
      'planted dist/reached.d.ts:1 says any',
    ])
  })

  test('a package that is not built is reported, not passed', () => {
    const manifest = { name: 'planted', exports: { '.': { types: './dist/index.d.ts' } } }
    const missing = { kind: 'package', folder: 'planted', directory: '/nowhere', manifest } as const
    expect(anyInPublicTypes(missing)).toHaveLength(1)
  })
})
