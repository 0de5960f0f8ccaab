import { describe, expect, it } from 'vitest'
import { jsonInstance } from './json-instance.ts'

describe('an instance of a JSON Schema', () => {
  const cases: readonly (readonly [string, object, unknown])[] = [
    ['a constant', { const: 3 }, 3],
    ['the first of an enumeration', { enum: ['b', 'a'] }, 'b'],
    ['a type that may be null', { type: ['null', 'integer'], minimum: 5 }, 5],
    ['the first option that is something', { anyOf: [{ type: 'null' }, { type: 'boolean' }] }, true],
    ['a number inside its bounds', { type: 'number', exclusiveMinimum: 0, maximum: 0.5 }, 0.25],
    ['a multiple', { type: 'integer', minimum: 7, multipleOf: 5 }, 10],
    ['as many items as are needed', { type: 'array', items: { type: 'boolean' }, minItems: 2 }, [true, true]],
    ['a text that is long enough', { type: 'string', minLength: 12 }, 'simulated...'],
    ['a text that is short enough', { type: 'string', maxLength: 3 }, 'sim'],
    ['a format', { type: 'string', format: 'date' }, '2026-01-01'],
    ['a reference', { $ref: '#/$defs/a', $defs: { a: { type: 'object', properties: { b: { const: 1 } } } } }, { b: 1 }],
    [
      'all of several',
      { allOf: [{ properties: { a: { const: 1 } } }, { properties: { b: { const: 2 } } }] },
      { a: 1, b: 2 },
    ],
  ]
  it.each(cases)('is %s', (_, schema, instance) => {
    expect(jsonInstance(schema)).toEqual(instance)
  })

  it('comes to an end where the schema does not', () => {
    const schema = {
      type: 'object',
      properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] }, all: { type: 'array', items: { $ref: '#' } } },
      required: ['next', 'all'],
    }
    expect(JSON.stringify(jsonInstance(schema)).length).toBeLessThan(20_000)
  })

  it('takes its words from the caller', () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' }, date: { type: 'string', format: 'date' } },
    }
    expect(jsonInstance(schema, () => 'Oslo')).toEqual({ city: 'Oslo', date: '2026-01-01' })
  })
})
