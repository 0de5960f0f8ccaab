import { describe, expect, test } from 'vitest'
import { misdirectedDependencies, misdirectedImports } from './dependency-direction.ts'
import { providerFolders, sourceFiles, workspacePackages } from './workspace.ts'

const packages = workspacePackages()
const known = { apps: new Set(['gateway']), providers: new Set(['openai', 'openai-compatible', 'anthropic']) }

function inPackage(folder: string, text: string, path = 'src/index.ts') {
  return misdirectedImports({ kind: 'package', folder }, [{ path, text }], known)
}

describe('the direction of dependencies', () => {
  test.each(packages.map(one => [one.manifest.name, one] as const))('%s keeps it', (_, one) => {
    const apps = new Set(packages.filter(({ kind }) => kind === 'app').map(({ folder }) => folder))
    const everybody = { apps, providers: providerFolders(packages) }
    expect(misdirectedImports(one, sourceFiles(one), everybody)).toEqual([])
    expect(misdirectedDependencies(one, one.manifest, everybody)).toEqual([])
  })

  test.each([
    ['core', "import { z } from 'zod'"],
    ['core', "import { readFile } from 'node:fs'"],
    ['core', "import type { X } from '@switchyard/dialects'"],
    ['dialects', "import { createChain } from '@switchyard/core'"],
    ['dialects', "import { createTransport } from '@switchyard/transport'"],
    ['transport', "export * from '@switchyard/dialects'"],
    ['openai', "import { createChain } from '@switchyard/core'"],
    ['openai', "const other = await import('@switchyard/openai-compatible')"],
    ['openai', "type Other = import('@switchyard/anthropic').Anthropic"],
    ['openai', "import { startSimulator } from '@switchyard/simulator'"],
    ['simulator', "import { createOpenAI } from '@switchyard/openai'"],
    ['config', "import { start } from '@switchyard/gateway'"],
    ['config', "import { secret } from '../../core/src/index.ts'"],
    ['config', "const x = require('@switchyard/gateway')"],
  ])('in %s, this is refused: %s', (folder, text) => {
    expect(inPackage(folder, text)).toHaveLength(1)
  })

  test.each([
    ['core', "import { x } from './clock/clock.ts'"],
    ['dialects', "import type { Message } from '@switchyard/core/contract'"],
    ['openai', "import { openaiChat } from '@switchyard/dialects'"],
    ['openai', "import OpenAI from 'openai'"],
    ['config', "import { createProvider } from '@switchyard/openai'"],
    ['config', "const text = \"import '@switchyard/gateway'\" // import '@switchyard/gateway'"],
  ])('in %s, this is fine: %s', (folder, text) => {
    expect(inPackage(folder, text)).toEqual([])
  })

  test('a provider is a package that exports createProvider', () => {
    expect([...providerFolders(packages)]).toEqual(
      expect.arrayContaining(['anthropic', 'gemini', 'ollama', 'openai', 'openai-compatible']),
    )
    for (const other of ['config', 'core', 'dialects', 'simulator', 'testkit', 'transport', 'gateway']) {
      expect(providerFolders(packages)).not.toContain(other)
    }
  })

  test('an app may assemble providers', () => {
    const file = { path: 'src/main.ts', text: "import { createOpenAI } from '@switchyard/openai'" }
    expect(misdirectedImports({ kind: 'app', folder: 'gateway' }, [file], known)).toEqual([])
  })

  test('a test may use the simulator and other packages, but no app and no path out of its package', () => {
    expect(inPackage('openai', "import { x } from '@switchyard/simulator'", 'src/provider.test.ts')).toEqual([])
    expect(inPackage('openai', "import { x } from '@switchyard/gateway'", 'src/provider.test.ts')).toHaveLength(1)
    expect(inPackage('openai', "import { x } from '../../core/src/x.ts'", 'src/provider.test.ts')).toHaveLength(1)
  })

  test('what only tests import counts as a test', () => {
    expect(inPackage('core', "import fc from 'fast-check'", 'src/contract/response.fixture.ts')).toEqual([])
    expect(inPackage('core', "import fc from 'fast-check'", 'src/contract/response.ts')).toHaveLength(1)
  })

  test('the contract imports nothing of the rest of core', () => {
    expect(inPackage('core', "import { x } from '../clock/clock.ts'", 'src/contract/errors.ts')).toHaveLength(1)
    expect(inPackage('core', "import { x } from '../contract/errors.ts'", 'src/clock/clock.ts')).toEqual([])
  })

  test('a refusal names the file, the line and the reason', () => {
    expect(inPackage('dialects', "\nimport { createChain } from '@switchyard/core'")).toEqual([
      "dialects/src/index.ts:2 imports '@switchyard/core': dialects imports only @switchyard/core/contract",
    ])
  })

  test('core may not name any dependency in package.json', () => {
    const manifest = { name: '@switchyard/core', peerDependencies: { zod: '4' } }
    expect(misdirectedDependencies({ kind: 'package', folder: 'core' }, manifest, known)).toHaveLength(1)
  })

  test.each([
    ['openai', '@switchyard/config'],
    ['dialects', '@switchyard/transport'],
    ['simulator', '@switchyard/openai'],
  ])('package.json of %s may not name %s', (folder, name) => {
    const manifest = { name: folder, dependencies: { [name]: 'workspace:^' } }
    expect(misdirectedDependencies({ kind: 'package', folder }, manifest, known)).toHaveLength(1)
  })
})
