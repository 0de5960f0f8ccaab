import type { IncomingHttpHeaders } from 'node:http'
import type { Switchyard } from '@switchyard/config'
import { openaiChat } from '@switchyard/dialects'
import { circuitChange } from './admin-request.ts'
import { targetStates } from './admin-state.ts'
import { callContext } from './call-context.ts'
import type { Caller } from './callers.ts'
import { parseJsonBody } from './json-body.ts'

/** What somebody who may see and stop targets asks for. */
interface AdminCall {
  readonly caller: Caller
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AdminRoute {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** The answer's body. @throws {SwitchyardError} */
  readonly answer: (call: AdminCall) => unknown
}

export interface AdminOptions {
  readonly switchyard: Switchyard
  readonly maxMediaBytes: number
  /** Keeps how circuits stand, after somebody has changed one by hand. */
  readonly saveTargets: () => Promise<void>
}

/** How targets stand, stopping them by hand, and what would become of a request. */
export function adminRoutes({ switchyard, maxMediaBytes, saveTargets }: AdminOptions): readonly AdminRoute[] {
  const { breakers } = switchyard
  const change = (how: 'isolate' | 'release') => {
    return async ({ body }: AdminCall) => {
      const { target, note } = circuitChange(body)
      const standing = how === 'isolate' ? breakers.isolate(target, note) : breakers.release(target)
      await saveTargets()
      return standing
    }
  }
  const explain = ({ body, headers, caller }: AdminCall) => {
    const { model, ...request } = openaiChat.decodeRequest(parseJsonBody(body), { maxMediaBytes })
    return switchyard.resolve(model).explain(request, callContext(headers, caller))
  }
  return [
    { method: 'GET', path: '/admin/targets', answer: () => targetStates(switchyard) },
    { method: 'GET', path: '/admin/circuits', answer: () => ({ circuits: breakers.states() }) },
    { method: 'POST', path: '/admin/circuits/isolate', answer: change('isolate') },
    { method: 'POST', path: '/admin/circuits/release', answer: change('release') },
    { method: 'POST', path: '/admin/explain', answer: explain },
  ]
}
