import { expect, test } from 'vitest'
import { decodeModels, encodeModels } from './models.ts'

const models = [
  {
    id: 'tiny',
    displayName: 'Tiny',
    created: 5,
    ownedBy: 'acme',
    contextWindow: 8192,
    maxOutputTokens: 1024,
    retiresAt: '2027-01-14',
  },
  { id: 'bare', created: 0, ownedBy: 'switchyard' },
]

test('models are read as they were written', () => {
  expect(decodeModels(encodeModels(models))).toEqual(models)
  expect(encodeModels([{ id: 'x' }])).toMatchObject({ object: 'list', data: [{ object: 'model', created: 0 }] })
})

test('models are read in the shapes that servers give', () => {
  expect(decodeModels([{ id: 'a', name: 'A', context_length: 5, shutdown_date: null }])).toEqual([
    { id: 'a', displayName: 'A', contextWindow: 5 },
  ])
  expect(decodeModels({ models: [{ name: 'b', max_model_len: 6, max_output_tokens: 0 }, {}, 'c'] })).toEqual([
    { id: 'b', contextWindow: 6 },
  ])
})

test.each([null, {}, { data: {} }])('%j is no list of models', body => {
  expect(() => decodeModels(body)).toThrow(expect.objectContaining({ kind: 'protocol' }))
})
