import { type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import { describe, expect, it } from 'vitest'
import { listModels } from './list-models.ts'
import type { ModelListing } from './wire-protocol.ts'

type Ask = Parameters<typeof listModels>[1]

const facts = { provider: 'toy', secrets: [], toolsRequested: false }
const settled = () => new Promise(resolve => setImmediate(resolve))

describe('a list of models', () => {
  it('that never ends is refused', async () => {
    let pages = 0
    const listing: ModelListing = {
      path: '/models',
      read: () => [{ id: 'a' }],
      nextPage: () => `/models?page=${pages}`,
    }
    const ask: Ask = async (_call, _model, read) => {
      pages++
      return read({}, facts)
    }
    await expect(listModels(listing, ask)).rejects.toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('1000 pages'),
    })
    expect(pages).toBe(1_000)
  })

  it('asks no more about models once one question failed', async () => {
    const models: readonly ModelInfo[] = Array.from({ length: 50 }, (_, at) => ({ id: `m${at}` }))
    const asked: string[] = []
    const listing: ModelListing = {
      path: '/models',
      read: () => models,
      details: { encode: ({ id }) => ({ path: `/show/${id}`, body: {} }), read: (_, model) => model },
    }
    const ask: Ask = async ({ path }, model, read) => {
      if (model !== undefined) asked.push(path)
      if (model === 'm2') throw new SwitchyardError('authentication', 'No.')
      return read({}, facts)
    }
    await expect(listModels(listing, ask)).rejects.toMatchObject({ kind: 'authentication' })
    await settled()
    // the other three may each have taken one more by then
    expect(asked.length).toBeLessThanOrEqual(4 + 3)
  })
})
