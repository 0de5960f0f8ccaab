import { type GeneratedBlock, type GeneratedChoice, shownReasoningTokens } from '../generation.ts'
import type { ReplyPiece } from '../reply.ts'
import { type Completion, encodedLogprobs, finishReason } from './completion.ts'

// written by hand from OpenAI's reference and not with our dialect: what is tested by the simulator
// must not be what the simulator is made of, or mistakes would cancel out

/** The body of an answer that was asked for whole. */
export function wholeAnswer(completion: Completion): readonly ReplyPiece[] {
  const body = {
    id: completion.id,
    object: 'chat.completion',
    created: completion.created,
    model: completion.modelName,
    choices: completion.choices.map((choice, index) => ({
      index,
      message: encodedMessage(choice, completion),
      logprobs: completion.logprobs ? encodedTokens(choice, completion.topLogprobs) : null,
      finish_reason: finishReason(choice),
    })),
    ...(completion.tellsUsage && { usage: completion.chat.usage(completion.usage) }),
    ...completion.chat.head,
    ...completion.chat.ends?.(completion, completion.requestId, false).first,
    ...(completion.marked && { simulated: true }),
  }
  const tokens = completion.choices.reduce((sum, choice) => sum + choice.tokens, 0)
  const reasoningTokens = completion.choices.reduce((sum, choice) => sum + shownReasoningTokens(choice), 0)
  return [{ text: JSON.stringify(body), role: 'content', tokens, reasoningTokens }]
}

function encodedMessage(choice: GeneratedChoice, { chat, thinkingField }: Completion): object {
  const texts = textOf(choice.blocks, 'text')
  const reasoning = textOf(choice.blocks, 'reasoning')
  const calls = choice.blocks.filter(block => block.type === 'tool-call')
  const refusal = textOf(choice.blocks, 'refusal')
  return {
    role: 'assistant',
    content: texts ?? (calls.length > 0 || refusal !== null ? null : ''),
    ...chat.emptyFields,
    ...(refusal !== null && { refusal }),
    ...(reasoning !== null && { [thinkingField]: reasoning }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(call => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.pieces.join('') },
      })),
    }),
    annotations: [],
  }
}

function textOf(blocks: readonly GeneratedBlock[], type: GeneratedBlock['type']): string | null {
  const found = blocks.filter(block => block.type === type)
  return found.length === 0 ? null : found.map(block => block.pieces.join('')).join('')
}

function encodedTokens(choice: GeneratedChoice, alternatives: number): object {
  const pieces = choice.blocks.filter(block => block.type === 'text').flatMap(block => block.pieces)
  return { content: encodedLogprobs(pieces, alternatives), refusal: null }
}
