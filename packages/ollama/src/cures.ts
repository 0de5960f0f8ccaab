import { SwitchyardError } from '@switchyard/core/contract'

const nobodyThere: ReadonlySet<string | undefined> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH'])

/** Adds to an error what mends it: a model to pull, a server to start. */
export function explained(error: SwitchyardError, host: string): SwitchyardError {
  const cure = cureOf(error, host)
  if (cure === undefined) return error
  return new SwitchyardError(error.kind, `${error.message.replace(/\.$/, '')}. ${cure}`, {
    cause: error.cause,
    ...error,
  })
}

function cureOf({ kind, code, model, message }: SwitchyardError, host: string): string | undefined {
  if (kind === 'not-found' && model !== undefined && /\bmodel\b/i.test(message))
    return `Pull it with \`ollama pull ${model}\`.`
  if (kind === 'network' && nobodyThere.has(code))
    return `No Ollama answers at ${host}: start one with \`ollama serve\`, or say where it is in \`baseURL\`.`
  return undefined
}
