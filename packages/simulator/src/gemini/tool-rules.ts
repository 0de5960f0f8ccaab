import type { Json } from '../json-value.ts'
import { InvalidArgument, listAt, objectAt, onlyFields, optionalWord, stringAt } from './refusal.ts'

const ownTools = ['googleSearch', 'codeExecution', 'urlContext', 'googleMaps', 'fileSearch', 'computerUse']
const declarationFields = [
  'name',
  'description',
  'parameters',
  'parametersJsonSchema',
  'response',
  'responseJsonSchema',
  'behavior',
]

/** @throws {InvalidArgument} when tools, or the choice among them, are not as they must be. */
export function checkTools(body: Json): void {
  const tools = body.tools === undefined ? [] : listAt(body.tools, 'tools')
  const names = tools.flatMap((tool, index) => checkTool(tool, `tools[${index}]`))
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      throw new InvalidArgument(`Duplicate function declaration found: ${name}`, 'tools')
  }
  checkToolConfig(body.toolConfig, names)
}

function checkTool(value: unknown, path: string): readonly string[] {
  const tool = objectAt(value, path)
  onlyFields(tool, ['functionDeclarations', ...ownTools], path)
  if (tool.functionDeclarations === undefined) return []
  const place = `${path}.function_declarations`
  return listAt(tool.functionDeclarations, place).map((each, index) => checkDeclaration(each, `${place}[${index}]`))
}

function checkDeclaration(value: unknown, path: string): string {
  const declared = objectAt(value, path)
  onlyFields(declared, declarationFields, path)
  const name = stringAt(declared.name ?? '', `${path}.name`)
  if (!/^[A-Za-z_][A-Za-z0-9_.:-]{0,127}$/.test(name)) {
    const message = `* GenerateContentRequest.${path}.name: [FIELD_INVALID] Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.`
    throw new InvalidArgument(message, `${path}.name`)
  }
  if (declared.description !== undefined) stringAt(declared.description, `${path}.description`)
  if (declared.parameters !== undefined && declared.parametersJsonSchema !== undefined)
    throw new InvalidArgument('parameters and parameters_json_schema are mutually exclusive.', path)
  const schema = declared.parametersJsonSchema ?? declared.parameters
  if (schema === undefined) return name
  const { type } = objectAt(schema, `${path}.parameters`)
  if (String(type).toLowerCase() !== 'object')
    throw new InvalidArgument(`* GenerateContentRequest.${path}.parameters: schema should be of type OBJECT.`, path)
  return name
}

function checkToolConfig(value: unknown, names: readonly string[]): void {
  if (value === undefined) return
  const config = objectAt(value, 'tool_config')
  onlyFields(config, ['functionCallingConfig', 'retrievalConfig', 'includeServerSideToolInvocations'], 'tool_config')
  if (config.functionCallingConfig === undefined) return
  const path = 'tool_config.function_calling_config'
  const calling = objectAt(config.functionCallingConfig, path)
  onlyFields(calling, ['mode', 'allowedFunctionNames'], path)
  if (names.length === 0)
    throw new InvalidArgument('Function calling config is set without function_declarations.', path)
  const { mode = 'AUTO', allowedFunctionNames } = calling
  optionalWord(mode, ['AUTO', 'ANY', 'NONE', 'VALIDATED'], 'FunctionCallingConfig.Mode', `${path}.mode`)
  if (allowedFunctionNames === undefined) return
  const place = `${path}.allowed_function_names`
  const allowed = listAt(allowedFunctionNames, place).map((name, index) => stringAt(name, `${place}[${index}]`))
  if (allowed.length > 0 && mode !== 'ANY' && mode !== 'VALIDATED')
    throw new InvalidArgument('Allowed function names should only be set when the mode is ANY or VALIDATED.', place)
  if (!allowed.every(name => names.includes(name)))
    throw new InvalidArgument('Allowed function names must be a subset of function declarations.', place)
}
