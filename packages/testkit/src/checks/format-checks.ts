import { deepEqual, equal, ok } from 'node:assert/strict'
import { responseText } from '@switchyard/core/contract'
import { type ConformanceCheck, eitherWay, topic } from '../conformance.ts'
import { answerTo, asking, failure, send, sentRequest } from '../expectations.ts'
import { expectLeftOut } from '../left-out.ts'

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}

const askedFor = [
  eitherWay('formats', 'JSON', 'JSON is asked for and comes, or is left out with a warning', async bench => {
    const request = asking(bench, 'Give me JSON.', { responseFormat: { type: 'json' } })
    if (bench.lacks('JSON')) return expectLeftOut(bench, 'responseFormat', request)
    for (const stream of [true, false]) {
      const answer = await answerTo(bench, { ...request, stream })
      equal(JSON.parse(responseText(answer)).simulated, true)
    }
  }),
  eitherWay(
    'formats',
    'JSON Schema',
    'an answer by a JSON Schema is an instance of it, or the schema is left out with a warning',
    async bench => {
      const responseFormat = { type: 'json-schema', name: 'person', schema, strict: true } as const
      const request = asking(bench, 'Who?', { responseFormat })
      if (bench.lacks('JSON Schema')) return expectLeftOut(bench, 'responseFormat', request)
      for (const stream of [true, false]) {
        const { name, age, ...others } = JSON.parse(responseText(await answerTo(bench, { ...request, stream })))
        deepEqual(others, {})
        ok(typeof name === 'string' && Number.isInteger(age), `it is { name: ${name}, age: ${age} }`)
        equal(sentRequest(bench).responseFormat?.type, 'json-schema')
      }
    },
  ),
]

const refused = topic('formats', [
  [
    'a schema that the server refuses is an invalid request',
    async bench => {
      const { additionalProperties: _, ...lax } = schema
      const responseFormat = { type: 'json-schema', name: 'person', schema: lax, strict: true } as const
      const error = await failure(send(bench, asking(bench, 'Who?', { responseFormat })), 'invalid-request')
      ok(error.message.includes('additionalProperties'), `the message does not say what is wrong: ${error.message}`)
    },
    'JSON Schema',
    'strict schemas',
  ],
])

export const formatChecks: readonly ConformanceCheck[] = [...askedFor, ...refused]
