import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ConformanceOptions } from '@switchyard/testkit'
import { describe, expect, test } from 'vitest'
import { columnsOf, type ProviderColumn, providerPage } from './provider-table.ts'
import { repositoryRoot } from './workspace.ts'

const folderOf = (path: string) => basename(join(path, '../..'))
const fixtures = globSync('packages/*/src/conformance.fixture.ts', { cwd: repositoryRoot }).sort((a, b) =>
  folderOf(a) < folderOf(b) ? -1 : 1,
)

describe('docs/providers.md', () => {
  test('is what the conformance fixtures say; `pnpm run docs:providers` writes it anew', async () => {
    const columns: ProviderColumn[] = []
    for (const path of fixtures) {
      const fixture = (await import(pathToFileURL(join(repositoryRoot, path)).href)) as Record<string, unknown>
      columns.push(...columnsOf(folderOf(path), fixture))
    }
    expect(columns.length).toBeGreaterThanOrEqual(fixtures.length)
    await expect(providerPage(columns)).toMatchFileSnapshot(join(repositoryRoot, 'docs/providers.md'))
  })

  test.each(fixtures)('%s: what it exports is tested', async path => {
    const fixture = (await import(pathToFileURL(join(repositoryRoot, path)).href)) as Record<string, unknown>
    const test = join(repositoryRoot, path.replace('.fixture.', '.test.'))
    const text = existsSync(test) ? readFileSync(test, 'utf8') : ''
    for (const [name, value] of Object.entries(fixture)) {
      if (columnsOf('', { [name]: value }).length === 0) continue
      expect(text, `${name} of ${path} is not tested`).toMatch(new RegExp(`testProvider\\([^)]*\\b${name}\\b`))
    }
  })
})

describe('the table of providers', () => {
  const options = (skip: Readonly<Record<string, string>>): ConformanceOptions => ({
    dialect: 'none-of-ours',
    create: () => {
      throw new Error('nobody is asked')
    },
    skip,
  })
  const acme: ProviderColumn = { title: 'acme', options: options({ seed: 'Acme has no seeds.' }) }

  test('says yes, or why not, where providers differ', () => {
    const page = providerPage([acme, { title: 'lab (groq)', options: options({}) }])
    expect(page).toMatch(/\| A seed makes answers repeatable \(`seed`\)\. +\| –\[\^1\] +\| yes +\|/)
    expect(page).toContain('[^1]: Acme has no seeds.')
    expect(page).not.toMatch(/\| The temperature/)
  })

  test('lists what all of them do, and not in a table', () => {
    const page = providerPage([acme, { title: 'lab', options: options({}) }])
    expect(page).toContain('\n- The temperature can be set (`temperature`).\n')
    expect(page).not.toContain('- A seed makes')
  })

  test('names the package and the dialect of each column', () => {
    const page = providerPage([acme, { title: 'lab (groq)', options: options({}) }])
    expect(page).toContain('- **acme**: `@switchyard/acme`, in the dialect `none-of-ours`')
    expect(page).toContain('- **lab (groq)**: `@switchyard/lab` as `groq`, in the dialect `none-of-ours`')
    expect(page).toMatch(/\| +\| acme +\| lab<br>\(groq\) \|/)
  })

  test('counts the checks that are left out, one by one or with their topic', () => {
    const skip = { 'dispose may be called again': 'It has nothing to dispose of.', usage: 'It is free.' }
    const page = providerPage([{ title: 'acme', options: options(skip) }, acme])
    expect(page).toMatch(/\| contract +\| \d+ of \d+\[\^2\] +\| all \d+ +\|/)
    expect(page).toMatch(/\| usage +\| 0 of \d+\[\^3\] +\| all \d+ +\|/)
  })

  test('changes when a provider changes its mind', () => {
    expect(providerPage([acme])).not.toBe(providerPage([{ ...acme, options: options({}) }]))
  })

  test('has a column for each configuration that a fixture exports, and for nothing else', () => {
    const fixture = { conformance: options({}), groq: options({}), model: 'llama', list: [1] }
    expect(columnsOf('lab', fixture).map(({ title }) => title)).toEqual(['lab', 'lab (groq)'])
  })
})
