import type { IncomingHttpHeaders } from 'node:http'
import type { Switchyard } from '@switchyard/config'
import type { CircuitStanding } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import { circuitChange } from './admin-request.ts'
import type { TargetsInUse } from './admin-state.ts'
import { callContext } from './call-context.ts'
import type { Caller } from './callers.ts'
import { parseJsonBody } from './json-body.ts'

/** Stops a circuit, or lets it go on, by hand; `save` keeps that over a restart. */
export async function changeCircuit(
  how: 'isolate' | 'release',
  body: string,
  { breakers }: TargetsInUse,
  save: () => Promise<void>,
): Promise<CircuitStanding> {
  const { target, note } = circuitChange(body)
  const standing = how === 'isolate' ? breakers.isolate(target, note) : breakers.release(target)
  await save()
  return standing
}

/** What would become of a chat completion: the chain's plan, and nothing is sent. @throws {SwitchyardError} */
export function explain(
  text: string,
  headers: IncomingHttpHeaders,
  caller: Caller,
  { switchyard, maxMediaBytes }: { readonly switchyard: Switchyard; readonly maxMediaBytes: number },
): unknown {
  const { model, ...request } = openaiChat.decodeRequest(parseJsonBody(text), { maxMediaBytes })
  return switchyard.resolve(model).explain(request, callContext(headers, caller))
}
