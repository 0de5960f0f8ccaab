import { type MessageRequest, SwitchyardError } from '@switchyard/core/contract'

/** @throws {SwitchyardError} `unsupported` for a request that only another dialect can say without loss. */
export function refuseForeign(request: MessageRequest, dialect: string): void {
  const bound = request.boundTo
  if (bound === undefined || bound.dialect === dialect) return
  throw new SwitchyardError(
    'unsupported',
    `${bound.fields.join(', ')}: only a target of the dialect ${bound.dialect} can take this.`,
    bound.fields[0] === undefined ? {} : { param: bound.fields[0] },
  )
}
