import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { parseConfig } from './parse-config.ts'

test('the file that the README shows is right', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const [, yaml] = /```yaml\n(server:[\s\S]*?)```/.exec(readme) as RegExpExecArray
  const config = parseConfig(yaml as string, { environment: { OPENAI_API_KEY: 'k' } })
  expect(Object.keys(config.chains ?? {})).toEqual(['fast', 'careful'])
})
