import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { assemble } from './assemble.ts'
import { parseConfig } from './parse-config.ts'

test('the file that the README shows is right, and becomes what it says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, yaml] = /```yaml\n(server:[\s\S]*?)```/.exec(readme) as RegExpExecArray
  const config = parseConfig(yaml as string, { environment: { OPENAI_API_KEY: 'k' } })
  const dataDirectory = await mkdtemp(join(tmpdir(), 'switchyard-readme-'))
  onTestFinished(() => rm(dataDirectory, { recursive: true, force: true }))
  // on this machine alone
  const { ledger: _, redis: __, catalog: ___, ...own } = config
  await using switchyard = await assemble(own, { dataDirectory })
  const ask = { messages: [{ role: 'user', content: 'Hello' }] } as const
  const policies = [...switchyard.chains].map(([name, chain]) => [name, chain.explain(ask).policy])
  expect(Object.fromEntries(policies)).toEqual({
    fast: 'priority',
    careful: 'priority',
    thrifty: 'cost',
    split: 'weighted',
  })
})
