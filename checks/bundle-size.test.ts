import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bundleSize } from './bundle-size.ts'
import { repositoryRoot } from './workspace.ts'

describe('what a user downloads, minified and gzipped', () => {
  test.each([
    ['@switchyard/core/contract', 'packages/core/src/contract/index.ts', 4],
    ['@switchyard/core', 'packages/core/src/index.ts', 28],
    ['@switchyard/core/accounting', 'packages/core/src/accounting/index.ts', 9],
    ['@switchyard/core/limits', 'packages/core/src/limits/index.ts', 6],
    ['@switchyard/core/registry', 'packages/core/src/registry/index.ts', 2],
    ['@switchyard/core/routing', 'packages/core/src/routing/index.ts', 11],
  ])('%s', async (_, entry, kilobytes) => {
    const bytes = await bundleSize(join(repositoryRoot, entry))
    expect(bytes).toBeGreaterThan(100)
    expect(bytes).toBeLessThanOrEqual(kilobytes * 1024)
  })

  test('counts what an entry reaches, and compression', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'switchyard-size-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    writeFileSync(join(directory, 'noise.ts'), `export const noise = '${randomBytes(10_000).toString('hex')}'`)
    writeFileSync(join(directory, 'entry.ts'), "export * from './noise.ts'")
    writeFileSync(join(directory, 'repetition.ts'), `export const repetition = '${'a'.repeat(20_000)}'`)
    expect(await bundleSize(join(directory, 'entry.ts'))).toBeGreaterThan(10_000)
    expect(await bundleSize(join(directory, 'repetition.ts'))).toBeLessThan(500)
  })
})
