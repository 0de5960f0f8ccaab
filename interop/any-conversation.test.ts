import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyConversation } from './any-conversation.fixture.ts'
import { contestantNames, party } from './providers.fixture.ts'

describe('any conversation', () => {
  test.each(contestantNames)('is made one that %s takes', async name => {
    await using side = await party(name)
    await fc.assert(
      fc.asyncProperty(anyConversation, async request => {
        const stream = await side.provider.sendMessage({
          ...request,
          model: side.simulator.models.usual,
          stream: false,
        })
        const { reason } = await stream.response()
        expect(['stop', 'tool-calls', 'length']).toContain(reason)
      }),
      { numRuns: 150 },
    )
  })
})
