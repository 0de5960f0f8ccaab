import type { ModelFacts } from '@switchyard/core/contract'
import type { Dropped } from '../dropped.ts'
import type { JsonDraft } from '../json.ts'
import {
  acceptedFormat,
  dropField,
  dropRefusedFields,
  effortRefusal,
  type SettingsByCapability,
} from '../refused-settings.ts'

const settings: SettingsByCapability = [
  ['temperature', [['temperature']]],
  ['topP', [['top_p', 'topP']]],
  [
    'penalties',
    [
      ['frequency_penalty', 'frequencyPenalty'],
      ['presence_penalty', 'presencePenalty'],
    ],
  ],
  ['stop', [['stop']]],
  ['seed', [['seed']]],
  ['logprobs', [['logprobs'], ['top_logprobs']]],
  ['parallelToolCalls', [['parallel_tool_calls', 'parallelToolCalls']]],
  [
    'toolChoice',
    [
      ['tool_choice', 'toolChoice'],
      ['function_call', 'toolChoice'],
    ],
  ],
  ['reasoning', [['reasoning_effort', 'reasoningEffort']]],
]

/** Takes out of the body what the model is known to refuse. */
export function dropRefusedSettings(body: JsonDraft, facts: ModelFacts | undefined, dropped: Dropped): void {
  // without any reasoning it does as it is asked
  if (body.reasoning_effort === 'none' && facts?.capabilities?.reasoning === false) delete body.reasoning_effort
  dropRefusedFields(body, settings, facts, dropped)
  const format = acceptedFormat(body.response_format, facts, dropped)
  if (format !== undefined) body.response_format = format
  else delete body.response_format
  const refused = effortRefusal(body.reasoning_effort, facts)
  if (refused !== undefined) dropField(body, 'reasoning_effort', 'reasoningEffort', refused, dropped)
}
