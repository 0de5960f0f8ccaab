import type { ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import { isObject, type JsonDraft } from '../json.ts'
import { acceptedFormat, dropRefusedFields, effortRefusal, type SettingsByCapability } from '../refused-settings.ts'

const settings: SettingsByCapability = [
  ['temperature', [['temperature']]],
  ['topP', [['top_p', 'topP']]],
  ['logprobs', [['top_logprobs']]],
  ['parallelToolCalls', [['parallel_tool_calls', 'parallelToolCalls']]],
  ['toolChoice', [['tool_choice', 'toolChoice']]],
]

/** Takes out of the body what the model is known to refuse. */
export function dropRefusedSettings(body: JsonDraft, facts: ModelFacts | undefined, dropped: Dropped): void {
  dropRefusedFields(body, settings, facts, dropped)
  if (isObject(body.text)) {
    const { format, ...text } = body.text
    const accepted = acceptedFormat(format, facts, dropped)
    if (accepted !== format) body.text = lessOrNothing({ ...text, format: accepted })
  }
  if (!isObject(body.reasoning)) return
  const { effort, ...reasoning } = body.reasoning
  if (facts?.capabilities?.reasoning === false) {
    delete body.reasoning
    if (effort != null && effort !== 'none') dropped.add('reasoningEffort', 'the model does not take it')
    return
  }
  const refused = effortRefusal(effort, facts)
  if (refused === undefined) return
  dropped.add('reasoningEffort', refused)
  body.reasoning = lessOrNothing(reasoning)
}

function lessOrNothing(fields: JsonDraft): JsonDraft | undefined {
  return Object.values(fields).some(value => value !== undefined) ? fields : undefined
}
