import { readFile, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { jsonSchema } from './json-schema.ts'

test('the JSON Schema that editors read is that of this version', async () => {
  const file = new URL('../docs/switchyard.schema.json', import.meta.url)
  const current = `${JSON.stringify(jsonSchema(), null, 2)}\n`
  if (process.env.UPDATE_SCHEMA !== undefined) await writeFile(file, current)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(jsonSchema())
})

test('it lets an environment variable stand for a number', () => {
  const schema = JSON.stringify(jsonSchema())
  expect(schema).toContain('"port":{"description"')
  expect(schema).toContain('{"type":"string","pattern":"\\\\$\\\\{[A-Za-z_]"}')
})
