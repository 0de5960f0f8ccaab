import type { JsonObject, JsonValue, ToolChoice } from '@switchyard/core/contract'
import { fault, listAt, textAt } from '../field-checks.ts'
import { isObject, sameJson } from '../json.ts'
import type { RequestTool } from './tools.ts'

/** The wire's `toolConfig`. */
export function encodeToolChoice(choice: ToolChoice): JsonObject {
  return { functionCallingConfig: functionCallingConfig(choice) }
}

function functionCallingConfig(choice: ToolChoice): JsonObject {
  switch (choice.type) {
    case 'auto':
      return { mode: 'AUTO' }
    case 'none':
      return { mode: 'NONE' }
    case 'required':
      return { mode: 'ANY' }
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] }
    case 'allowed':
      // names are refused beside AUTO
      return { mode: choice.required ? 'ANY' : 'VALIDATED', allowedFunctionNames: choice.names }
  }
}

const path = 'toolConfig.functionCallingConfig'
const modes = new Set(['AUTO', 'ANY', 'NONE', 'VALIDATED', 'MODE_UNSPECIFIED'])

/**
 * What a `toolConfig` says of functions; `undefined` where it says nothing of them.
 * @throws {SwitchyardError} `invalid-request`, naming the field.
 */
export function decodeToolChoice(value: JsonObject, tools: readonly RequestTool[] | undefined): ToolChoice | undefined {
  const config = value.functionCallingConfig
  if (config === undefined) return undefined
  if (!isObject(config)) throw fault(path, 'must be an object such as { "mode": "AUTO" }.')
  const mode = config.mode === undefined ? 'AUTO' : textAt(config.mode, `${path}.mode`)
  if (!modes.has(mode)) throw fault(`${path}.mode`, `is "${mode}"; it must be AUTO, ANY, NONE or VALIDATED.`)
  const names = allowedNames(config.allowedFunctionNames, mode, tools)
  if (mode === 'NONE') return { type: 'none' }
  if (names === undefined) return { type: mode === 'ANY' ? 'required' : 'auto' }
  const [only] = names
  if (mode === 'ANY' && only !== undefined && names.length === 1) return { type: 'tool', name: only }
  return { type: 'allowed', names, required: mode === 'ANY' }
}

function allowedNames(
  value: JsonValue | undefined,
  mode: string,
  tools: readonly RequestTool[] | undefined,
): readonly string[] | undefined {
  const place = `${path}.allowedFunctionNames`
  if (value === undefined) return undefined
  const names = listAt(value, place).map((name, at) => textAt(name, `${place}[${at}]`))
  if (names.length === 0) return undefined
  if (mode !== 'ANY' && mode !== 'VALIDATED')
    throw fault(place, `may not be sent with mode ${mode}; use ANY or VALIDATED.`)
  const declared = new Set((tools ?? []).flatMap(tool => ('type' in tool ? [] : [tool.name])))
  for (const name of names) {
    if (!declared.has(name))
      throw fault(place, `names the function "${name}", which is not among the tools of the request.`)
  }
  return names
}

/** The `toolConfig` that came, while it still says the same, with what else it said. */
export function toolConfig(choice: ToolChoice | undefined, kept: JsonValue | undefined): JsonObject | undefined {
  const made = choice && encodeToolChoice(choice)
  if (!isObject(kept)) return made
  const { functionCallingConfig: said, ...others } = kept
  const same = isObject(said) && sameJson(decodeSaid(said), choice)
  return { ...others, ...made, ...(same && { functionCallingConfig: said }) }
}

function decodeSaid(config: JsonObject): ToolChoice | undefined {
  const names = config.allowedFunctionNames
  const tools = Array.isArray(names) ? names.map(name => ({ name: String(name) })) : []
  return decodeToolChoice({ functionCallingConfig: config }, tools)
}
