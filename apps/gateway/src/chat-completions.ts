import type { Switchyard } from '@switchyard/config'
import { type CallContext, isSwitchyardError, type SwitchyardError } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import { failureHeaders, sendError } from './answer.ts'
import type { AnswerStanding } from './answer-standing.ts'
import { callContext } from './call-context.ts'
import { CallCost, costHeader } from './call-cost.ts'
import { abortWithClient } from './client-connection.ts'
import type { IncomingCall } from './incoming-call.ts'
import { parseJsonBody } from './json-body.ts'
import { resolvePermitted } from './permitted-models.ts'
import type { ReasoningMemory } from './reasoning-memory.ts'
import { recordFailure } from './request-log.ts'
import { sendStream, sendWhole } from './send-answer.ts'
import type { StreamKeepAlive } from './stream-keep-alive.ts'

export interface ChatCompletionsOptions {
  readonly switchyard: Switchyard
  readonly maxMediaBytes: number
  /** Keeps what these clients cannot carry back. */
  readonly reasoning: ReasoningMemory
  /** Tells what is left beside answers. */
  readonly standing: AnswerStanding
  readonly keepAlive: StreamKeepAlive
}

/** `POST /v1/chat/completions`: settles when the answer has been sent, or its client has left. Never rejects. */
export async function chatCompletions(call: IncomingCall, options: ChatCompletionsOptions): Promise<void> {
  const { response, controller, record, id } = call
  const { reasoning, standing } = options
  const attempts = { left: 0, lastResort: true }
  let bound = 0
  let cost: CallCost | undefined
  const made = (): number => bound - attempts.left
  abortWithClient(response, controller)
  try {
    const body = parseJsonBody(call.body)
    const { model, ...asked } = openaiChat.decodeRequest(body, { maxMediaBytes: options.maxMediaBytes })
    const request = { ...asked, messages: reasoning.restored(asked.messages) }
    record.model = model?.slice(0, longestLogged)
    const chain = resolvePermitted(options.switchyard, call.caller, model)
    bound = attempts.left = chain.attemptBound
    const said = callContext(call.headers, call.caller)
    const context: CallContext = { ...said, signal: controller.signal, requestId: id, attempts }
    cost = new CallCost(standing, chain.id, said)
    const stream = await chain.sendMessage(request, context)
    const parts = { stream, body, cost, reasoning, made }
    if (request.stream === false) await sendWhole(call, parts)
    else await sendStream(call, parts, options.keepAlive)
  } catch (error) {
    if (isSwitchyardError(error)) cost?.settled(error.billed)
    await fail(call, error, made(), cost)
  }
  record.attempts = made()
  record.cost = cost?.text
}

// a name that is longer is wrong, and the log is no place for it
const longestLogged = 256

async function fail(call: IncomingCall, error: unknown, attempts: number, cost: CallCost | undefined): Promise<void> {
  const { response, record, controller } = call
  if (isSwitchyardError(error)) recordFailure(record, error)
  else record.defect = error
  if (response.destroyed) return
  // with the client still there, an abort is ours
  const told =
    isSwitchyardError(error, 'aborted') && controller.signal.aborted ? stopping(controller.signal.reason, error) : error
  const target = isSwitchyardError(error) ? error.attempts.at(-1)?.target : undefined
  const standing = target === undefined ? {} : await cost?.headers(target)
  sendError(response, told, {
    ...failureHeaders(error, attempts),
    ...(cost?.text !== undefined && { [costHeader]: cost.text }),
    ...standing,
  })
}

function stopping(reason: unknown, error: SwitchyardError): SwitchyardError {
  return isSwitchyardError(reason) ? reason.with({ attempts: error.attempts }) : error
}
