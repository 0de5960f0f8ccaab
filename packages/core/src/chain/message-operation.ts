import type { Capability, ModelCapabilities } from '../contract/capabilities.ts'
import type { MessageRequest } from '../contract/request.ts'
import { type MessageStream, messageStream, wholeMessageStream } from '../contract/stream.ts'
import type { Attempt, AttemptResult } from '../engine/attempt.ts'
import type { Operation } from '../engine/attempt-engine.ts'
import { MessageAttempt } from '../engine/message-attempt.ts'
import type { EnginePorts } from '../engine/ports.ts'
import { missing, requirements } from '../engine/requirements.ts'
import type { RequestDefaults, Target } from '../engine/target.ts'
import { firstTokenLimit } from '../engine/timeouts.ts'

/** Messages as an operation of the attempt engine. `released` is called once the answer holds nothing any more. */
export function messageOperation(
  request: MessageRequest,
  ports: EnginePorts,
  released: () => void,
): Operation<MessageStream> {
  const needs = requirements(request)
  const known = new Map<Target, ModelCapabilities>()
  const capabilitiesOf = (target: Target): ModelCapabilities => known.get(target) as ModelCapabilities
  const whole = request.stream === false
  return {
    name: 'message',
    requestFor: target => targetRequest(request, target, capabilitiesOf(target).streaming),
    unsupported: target => {
      const capabilities = target.provider.getCapabilities(target.model ?? target.provider.id)
      known.set(target, capabilities)
      return missing(needs, capabilities)
    },
    isUnaltered: target => defaultsFor(target, request) === undefined,
    async attempt(attempt: Attempt): Promise<AttemptResult<MessageStream>> {
      const { target } = attempt
      const { clamp } = attempt.admission
      const asked = attempt.request as MessageRequest
      const made = clamp === undefined ? asked : { ...asked, maxOutputTokens: clamp.maxOutputTokens }
      const warning = clamp && { setting: 'maxOutputTokens', message: clamp.message }
      const configured = target.timeouts.firstTokenMs
      const firstTokenMs = target.firstTokenIsFixed
        ? configured
        : firstTokenLimit(configured, made, capabilitiesOf(target))
      const options = { request: made, whole, firstTokenMs, released, ...(warning && { warning }) }
      const answer = new MessageAttempt(ports, attempt, options)
      const opened = await answer.open()
      if (!opened.ok) return opened
      return { ok: true, value: whole ? wholeMessageStream(answer.wholeResponse()) : messageStream(answer) }
    },
  }
}

/** The request as one target gets it: its model, its defaults, and streamed wherever it can, so that silence is seen. */
function targetRequest(request: MessageRequest, target: Target, streaming: Capability): MessageRequest {
  const { model: _, ...rest } = request
  return {
    ...rest,
    ...defaultsFor(target, request),
    ...(target.model !== undefined && { model: target.model }),
    stream: streaming !== false,
  }
}

function defaultsFor(target: Target, request: MessageRequest): RequestDefaults | undefined {
  if (target.defaults === undefined) return undefined
  const missingHere = Object.entries(target.defaults).filter(
    ([name, value]) => value !== undefined && request[name as keyof RequestDefaults] === undefined,
  )
  return missingHere.length === 0 ? undefined : Object.fromEntries(missingHere)
}
