import type { MessageRequest, ModelFacts, ToolChoice } from '@switchyard/core/contract'
import type { Dropped } from './dropped.ts'

/** Whether a tool has to be called. */
export function isForced(choice: ToolChoice | undefined): boolean {
  if (choice?.type === 'allowed') return choice.required
  return choice?.type === 'required' || choice?.type === 'tool'
}

/** The request as far as the model takes it: one that cannot be made to call a tool may still choose to. */
export function unforcedRequest(
  request: MessageRequest,
  facts: ModelFacts | undefined,
  dropped: Dropped,
): MessageRequest {
  const { toolChoice } = request
  if (facts?.forcedToolChoice !== false || !isForced(toolChoice)) return request
  // where there is nothing to choose, or to say, that alone is told
  if (facts.capabilities?.toolChoice === false || !request.tools?.length) return request
  dropped.add('toolChoice', 'the model cannot be made to call a tool; it may choose')
  const free: ToolChoice = toolChoice?.type === 'allowed' ? { ...toolChoice, required: false } : { type: 'auto' }
  return { ...request, toolChoice: free }
}
