import { ok } from 'node:assert/strict'
import type { Message } from '@switchyard/core/contract'
import type { Bench, ConformanceCheck } from '../conformance.ts'
import { type Conversation, conversations, expectIntact } from '../conversations/index.ts'
import { answerTo, asking, sentRequest } from '../expectations.ts'

export const handOffChecks: readonly ConformanceCheck[] = conversations.map(conversation => ({
  topic: 'hand-off',
  name: `it goes on with ${conversation.name}`,
  needs: [],
  ...(conversation.origin !== undefined && {
    except: {
      [conversation.origin]: 'It began here: what goes back to where it came from is tested under "reasoning".',
    },
  }),
  run: bench => goesOn(bench, conversation),
}))

/** Sees that the server, as strict as the real one, takes the conversation, with nothing lost in silence. */
async function goesOn(bench: Bench, conversation: Conversation): Promise<void> {
  const { messages, tools, warnings = 0 } = conversation
  for (const stream of [true, false]) {
    const answer = await answerTo(bench, asking(bench, '', { messages, stream, ...(tools && { tools }) }))
    ok(answer.content.length > 0, 'the answer is empty')
    const body = bench.simulator.requests.at(-1)?.body
    expectIntact(conversation, sentRequest(bench), bench.options.dialect, body)
    const lost = imagesIn(messages) > imagesIn(sentRequest(bench).messages) ? 1 : 0
    const least = Math.max(warnings, lost)
    const warned = answer.warnings?.length ?? 0
    ok(warned >= least, `it went with ${warned} warnings, expected at least ${least}`)
  }
}

function imagesIn(messages: readonly Message[]): number {
  let count = 0
  for (const { content } of messages) {
    if (typeof content === 'string') continue
    for (const part of content) {
      if (part.type === 'image') count++
      if (part.type !== 'tool-result' || typeof part.content === 'string') continue
      count += part.content.filter(({ type }) => type === 'image').length
    }
  }
  return count
}
