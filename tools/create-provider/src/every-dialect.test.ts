import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ConformanceOptions, conformanceChecks, gapsOf, runCheck } from '@switchyard/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dialects } from './dialects.ts'
import { writeProvider } from './write-provider.ts'

// checks/walk-through.ts runs the whole suite for two of them; these see that each finds its server and understands it
const seen = [
  'it works without initialize',
  'it has neither vectors nor token counts where it says that it cannot',
  'capabilities are answered at once, without a request',
  'getModels lists what the server lists',
  'verify tells a bad key, and to check it',
  'a streamed answer equals the whole one',
  'a conversation keeps its order and its words',
  'usage is what the provider bills, streamed or not',
  'every status means the same in every shape of body',
  'nothing of the environment reaches the server',
]

const root = mkdtempSync(join(tmpdir(), 'switchyard-providers-'))
beforeAll(() =>
  copyFileSync(join(import.meta.dirname, '../../../tsconfig.base.json'), join(root, 'tsconfig.base.json')),
)
afterAll(() => rmSync(root, { recursive: true }))

describe.each(Object.keys(dialects))('a new provider of %s', dialect => {
  let options: ConformanceOptions
  beforeAll(async () => {
    writeProvider(root, { name: `new-${dialect}`, dialect })
    const path = join(root, `packages/new-${dialect}/src/conformance.fixture.ts`)
    options = (await import(pathToFileURL(path).href)).conformance
  })

  test.each(seen)('%s', { timeout: 60_000 }, async name => {
    const check = conformanceChecks.find(each => each.name === name)
    if (check === undefined) throw new Error(`there is no check "${name}"`)
    expect(gapsOf(options).checks.has(check)).toBe(false)
    await runCheck(check, options)
  })
})
