import { anthropicMessages, gemini, ollamaChat, openaiChat, openaiResponses } from '@switchyard/dialects'
import { type Conversation, tools } from './conversation.ts'

const origins = [openaiChat, openaiResponses, anthropicMessages, ollamaChat, gemini].map(({ name }) => name)

/** Conversations with what the model of one dialect thought; `elsewhere` is none of ours. */
export const foreignReasoning: readonly Conversation[] = [...origins, 'elsewhere'].flatMap(origin => {
  const signature = Buffer.from(`sealed by ${origin}`).toString('base64')
  const sealed = Buffer.from(`hidden by ${origin}`).toString('base64')
  const thought = { type: 'reasoning', text: 'Oslo is in Norway.', signature, origin } as const
  const hidden = { type: 'opaque', origin, value: { type: 'hidden_thought', data: sealed } } as const
  return [
    {
      name: `what ${origin} thought before it answered`,
      origin,
      secrets: [signature],
      warnings: 1,
      messages: [
        { role: 'user', content: 'Where is Oslo?' },
        { role: 'assistant', content: [thought, { type: 'text', text: 'In Norway.' }] },
        { role: 'user', content: 'And Rome?' },
      ],
    },
    {
      name: `what ${origin} thought before it called a tool`,
      origin,
      secrets: [signature],
      warnings: 1,
      tools,
      messages: [
        { role: 'user', content: 'Weather in Oslo?' },
        {
          role: 'assistant',
          content: [thought, { type: 'tool-call', id: 'call_1', name: 'get_weather', input: { city: 'Oslo' } }],
        },
        { role: 'tool', content: [{ type: 'tool-result', callId: 'call_1', content: '7 degrees' }] },
      ],
    },
    {
      name: `a turn of ${origin} that is nothing but thoughts`,
      origin,
      secrets: [signature],
      warnings: 1,
      messages: [
        { role: 'user', content: 'Where is Oslo?' },
        { role: 'assistant', content: [thought] },
        { role: 'user', content: 'Well?' },
      ],
    },
    {
      name: `a block that only ${origin} knows`,
      origin,
      secrets: [sealed],
      warnings: 1,
      messages: [
        { role: 'user', content: 'Where is Oslo?' },
        { role: 'assistant', content: [hidden, { type: 'text', text: 'In Norway.' }] },
        { role: 'user', content: 'And Rome?' },
      ],
    },
  ] satisfies readonly Conversation[]
})
