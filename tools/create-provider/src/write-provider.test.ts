import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { dialects } from './dialects.ts'
import { UsageError } from './provider-name.ts'
import { type ProviderChoice, writeProvider } from './write-provider.ts'

function emptyWorkspace(): string {
  const root = mkdtempSync(join(tmpdir(), 'switchyard-provider-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  return root
}

function write(root: string, choice: Partial<ProviderChoice>): readonly string[] {
  return writeProvider(root, { name: 'my-lab', dialect: 'openai-chat', ...choice })
}

describe('what create-provider writes', () => {
  test.each(Object.keys(dialects))('for %s: a package under its name, and a changeset', dialect => {
    const root = emptyWorkspace()
    const files = write(root, { dialect })
    expect(files).toEqual(
      expect.arrayContaining([
        '.changeset/my-lab-provider.md',
        ...['package.json', 'tsconfig.json', 'tsconfig.build.json', 'README.md', 'src/index.ts'].map(
          path => `packages/my-lab/${path}`,
        ),
        ...['provider.ts', 'conformance.fixture.ts', 'conformance.test.ts'].map(path => `packages/my-lab/src/${path}`),
      ]),
    )
    for (const path of files) expect(readFileSync(join(root, path), 'utf8'), path).not.toMatch(/acme.?cloud/i)
    const text = files.map(path => readFileSync(join(root, path), 'utf8')).join()
    for (const word of ['@switchyard/my-lab', 'createMyLab', 'MY_LAB_API_KEY', 'My Lab']) expect(text).toContain(word)
    expect(text).toContain(dialect === 'own' ? "dialect: 'my-lab'" : `dialect: '${dialect}'`)
  })

  test('asks at the address that is given', () => {
    const root = emptyWorkspace()
    write(root, { baseURL: 'https://lab.test/api/v2/' })
    const provider = readFileSync(join(root, 'packages/my-lab/src/provider.ts'), 'utf8')
    expect(provider).toContain("baseURL = 'https://lab.test/api/v2'")
    expect(provider).not.toContain('.example')
    expect(readFileSync(join(root, 'packages/my-lab/README.md'), 'utf8')).toContain('`https://lab.test/api/v2`')
  })
})

describe('what create-provider refuses, before it writes anything', () => {
  test.each([
    [{ name: '' }, 'Give the provider a name'],
    [{ name: 'MyLab' }, 'Try "my-lab"'],
    [{ name: '-lab' }, 'is no name'],
    [{ name: '../lab' }, 'is no name'],
    [{ name: '4lab' }, 'is no name'],
    [{ name: 'my_lab' }, 'is no name'],
    [{ name: 'a'.repeat(41) }, 'longer than 40'],
    [{ name: 'provider' }, 'who answers'],
    [{ name: 'http-provider' }, 'who answers'],
    [{ dialect: 'klingon' }, 'Choose one of openai-chat, openai-responses'],
    [{ dialect: 'toString' }, 'There is no dialect "toString"'],
    [{ baseURL: 'lab.test' }, 'is no address'],
    [{ baseURL: "https://lab.test/'" }, 'is no address'],
  ])('%j', (choice, said) => {
    const root = emptyWorkspace()
    expect(() => write(root, choice)).toThrow(UsageError)
    expect(() => write(root, choice)).toThrow(said)
    expect(readdirSync(root)).toEqual([])
  })

  test('a name that is taken: by a folder, an app, a preset', () => {
    const root = emptyWorkspace()
    mkdirSync(join(root, 'packages/my-lab'), { recursive: true })
    mkdirSync(join(root, 'packages/servers/src/hut'), { recursive: true })
    mkdirSync(join(root, 'apps/door'), { recursive: true })
    writeFileSync(join(root, 'packages/servers/src/hut/index.ts'), '')
    writeFileSync(join(root, 'apps/door/package.json'), '{ "name": "@switchyard/gate" }')
    expect(() => write(root, {})).toThrow('packages/my-lab is there already')
    expect(() => write(root, { name: 'gate' })).toThrow('apps/door has the name @switchyard/gate already')
    expect(() => write(root, { name: 'hut' })).toThrow('packages/servers/src/hut is a provider of that name')
    expect(readdirSync(join(root, 'packages/my-lab'))).toEqual([])
  })

  test('a file that is there already', () => {
    const root = emptyWorkspace()
    mkdirSync(join(root, '.changeset'))
    writeFileSync(join(root, '.changeset/my-lab-provider.md'), 'mine')
    expect(() => write(root, {})).toThrow('.changeset/my-lab-provider.md is there already')
    expect(readFileSync(join(root, '.changeset/my-lab-provider.md'), 'utf8')).toBe('mine')
    expect(existsSync(join(root, 'packages'))).toBe(false)
  })
})
