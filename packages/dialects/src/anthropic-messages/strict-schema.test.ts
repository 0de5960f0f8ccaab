import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { strictSchema } from './strict-schema.ts'

describe('a schema that an answer can be held to', () => {
  test('is closed at every level', () => {
    const inner = { type: 'object', properties: { a: { type: 'string' } } }
    const { schema, loosened } = strictSchema({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      properties: {
        list: { type: 'array', items: inner },
        either: { oneOf: [inner, { type: ['object', 'null'] }] },
        any: true,
      },
      $defs: { one: inner },
    })
    expect(loosened).toBe(false)
    const closed = { ...inner, additionalProperties: false }
    expect(schema).toEqual({
      properties: {
        list: { type: 'array', items: closed },
        either: { anyOf: [closed, { type: ['object', 'null'], additionalProperties: false }] },
        any: true,
      },
      $defs: { one: closed },
      additionalProperties: false,
    })
  })

  test('says in words what is not held to, and keeps what is', () => {
    const { schema, loosened } = strictSchema({
      type: 'object',
      additionalProperties: { type: 'string' },
      properties: {
        age: { type: 'integer', minimum: 1, description: 'In years.' },
        mail: { type: 'string', format: 'email', pattern: '@' },
        color: { type: 'string', format: 'color' },
        few: { type: 'array', minItems: 1, maxItems: 3 },
        many: { type: 'array', minItems: 2 },
      },
    })
    expect(loosened).toBe(true)
    expect(schema).toEqual({
      type: 'object',
      additionalProperties: false,
      description: '{"additionalProperties":{"type":"string"}}',
      properties: {
        age: { type: 'integer', description: 'In years.\n\n{"minimum":1}' },
        mail: { type: 'string', format: 'email', pattern: '@' },
        color: { type: 'string', description: '{"format":"color"}' },
        few: { type: 'array', minItems: 1, description: '{"maxItems":3}' },
        many: { type: 'array', description: '{"minItems":2}' },
      },
    })
  })

  test('is the same when it is made again', () => {
    const key = fc.constantFrom(
      'type',
      'properties',
      'items',
      'minimum',
      'format',
      'anyOf',
      'additionalProperties',
      'description',
      '$defs',
    )
    const value = fc.oneof(fc.constantFrom('object', 'string', 3, true), fc.jsonValue({ maxDepth: 3 }))
    fc.assert(
      fc.property(fc.dictionary(key, value, { noNullPrototype: true }), given => {
        const once = strictSchema(given as never)
        expect(strictSchema(once.schema)).toEqual({ schema: once.schema, loosened: false })
      }),
    )
  })
})
