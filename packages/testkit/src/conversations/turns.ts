import type { Message } from '@switchyard/core/contract'
import type { Conversation } from './conversation.ts'

function turns(name: string, ...messages: readonly Message[]): Conversation {
  return { name, messages }
}

/** Conversations whose turns come in an order that not every server takes. */
export const oddTurns: readonly Conversation[] = [
  turns(
    'a system message in the middle',
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'One' },
    { role: 'assistant', content: 'Two' },
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Three' },
  ),
  turns('a system message at the end', { role: 'user', content: 'One' }, { role: 'system', content: 'Be brief.' }),
  turns(
    'two messages of the user in a row',
    { role: 'user', content: 'One' },
    { role: 'user', content: 'Two' },
    { role: 'assistant', content: 'Three' },
    { role: 'user', content: 'Four' },
  ),
  turns(
    'two messages of the assistant in a row',
    { role: 'user', content: 'One' },
    { role: 'assistant', content: 'Two' },
    { role: 'assistant', content: 'Three' },
    { role: 'user', content: 'Four' },
  ),
  turns(
    'a conversation that the assistant began',
    { role: 'assistant', content: 'How can I help?' },
    { role: 'user', content: 'One' },
  ),
  turns(
    'an assistant who said nothing',
    { role: 'user', content: 'One' },
    { role: 'assistant', content: '' },
    { role: 'user', content: 'Two' },
    { role: 'assistant', content: [] },
    { role: 'user', content: 'Three' },
    { role: 'assistant', content: [{ type: 'text', text: '' }] },
    { role: 'user', content: 'Four' },
  ),
  turns(
    'a refusal in the history',
    { role: 'user', content: 'One' },
    { role: 'assistant', content: [{ type: 'text', text: 'I will not.', refusal: true }] },
    { role: 'user', content: 'Two' },
  ),
  turns(
    'participants with names',
    { role: 'user', content: 'One', name: 'ann' },
    { role: 'assistant', content: 'Two', name: 'bot' },
    { role: 'user', content: 'Three', name: 'ben' },
  ),
  turns(
    'hints to the cache of another provider',
    { role: 'system', content: [{ type: 'text', text: 'Be brief.', cache: { lifetime: '1h' } }] },
    { role: 'user', content: [{ type: 'text', text: 'One', cache: {} }] },
  ),
]
