import type { Conversation } from './conversation.ts'
import { foreignReasoning } from './foreign-reasoning.ts'
import { toolHistories } from './tool-histories.ts'
import { oddTurns } from './turns.ts'

export type { Conversation } from './conversation.ts'
export { expectIntact } from './intact.ts'

/**
 * Conversations begun elsewhere, each odd in one way; every provider goes on with every one of them. The last message
 * is never the assistant's.
 */
export const conversations: readonly Conversation[] = [...foreignReasoning, ...toolHistories, ...oddTurns]
