import { getEventListeners } from 'node:events'
import { VirtualClock } from '@switchyard/core/testing'
import { expect, test } from 'vitest'
import { askProvider } from './ask-provider.ts'

test('a provider that has answered leaves no timer and no listener behind', async () => {
  const clock = new VirtualClock()
  const { signal } = new AbortController()
  const provider = { id: 'lab', getModels: async () => [{ id: 'a' }] }
  expect(await askProvider(provider, clock, 1_000, signal)).toEqual([{ id: 'a' }])
  expect(clock.pending).toBe(0)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})
