type Schema = Readonly<Record<string, unknown>>

/** Fills in the texts of an instance: for a property's name, a word to use; `undefined` for the default. */
export type WordFor = (property: string) => string | undefined

/** A value that the JSON Schema allows, always the same one for the same schema. Patterns are not followed. */
export function jsonInstance(schema: unknown, wordFor: WordFor = () => undefined): unknown {
  return instance(schema, { root: isSchema(schema) ? schema : {}, wordFor, depth: 0, property: '' })
}

interface Place {
  readonly root: Schema
  readonly wordFor: WordFor
  readonly depth: number
  readonly property: string
}

const deepest = 6

function instance(value: unknown, place: Place): unknown {
  if (!isSchema(value)) return 'simulated'
  const schema = resolved(value, place)
  if ('const' in schema) return schema.const
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return schema.enum[0]
  const options = listOf(schema.anyOf) ?? listOf(schema.oneOf)
  if (options !== undefined) return instance(chosen(options, place), deeper(place))
  switch (typeOf(schema, place)) {
    case 'object':
      return objectInstance(schema, place)
    case 'array':
      return arrayInstance(schema, place)
    case 'integer':
      return numberInstance(schema, true)
    case 'number':
      return numberInstance(schema, false)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return stringInstance(schema, place)
  }
}

function resolved(schema: Schema, place: Place): Schema {
  let found = schema
  for (let hops = 0; typeof found.$ref === 'string' && hops < 20; hops++) found = target(found.$ref, place.root)
  const all = listOf(found.allOf)
  if (all === undefined) return found
  const { allOf: _, ...own } = found
  return [own, ...all.map(each => (isSchema(each) ? resolved(each, place) : {}))].reduce(merged, {})
}

function merged(first: Schema, second: Schema): Schema {
  const properties = { ...asSchema(first.properties), ...asSchema(second.properties) }
  const required = [...(listOf(first.required) ?? []), ...(listOf(second.required) ?? [])]
  return {
    ...first,
    ...second,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required }),
  }
}

function target(reference: string, root: Schema): Schema {
  let found: unknown = root
  for (const step of reference
    .replace(/^#\/?/, '')
    .split('/')
    .filter(step => step !== '')) {
    found = isSchema(found) ? found[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined
  }
  return asSchema(found)
}

// deep down the way out of a recursive schema is null
function chosen(options: readonly unknown[], place: Place): unknown {
  const isNull = (option: unknown) => isSchema(option) && option.type === 'null'
  return options.find(option => (place.depth < deepest ? !isNull(option) : isNull(option))) ?? options[0]
}

function typeOf(schema: Schema, place: Place): unknown {
  const { type } = schema
  if (Array.isArray(type)) {
    return type.find(each => (place.depth < deepest ? each !== 'null' : each === 'null')) ?? type[0]
  }
  if (type !== undefined) return type
  if (schema.properties !== undefined) return 'object'
  return schema.items === undefined ? 'string' : 'array'
}

function objectInstance(schema: Schema, place: Place): Record<string, unknown> {
  const properties = asSchema(schema.properties)
  const required = listOf(schema.required) ?? []
  const made: Record<string, unknown> = {}
  for (const [property, each] of Object.entries(properties)) {
    if (place.depth >= deepest && !required.includes(property)) continue
    made[property] = instance(each, { ...deeper(place), property })
  }
  for (const property of required) {
    if (typeof property === 'string' && !(property in made)) made[property] = 'simulated'
  }
  return made
}

function arrayInstance(schema: Schema, place: Place): unknown[] {
  const least = typeof schema.minItems === 'number' ? schema.minItems : 1
  const most = typeof schema.maxItems === 'number' ? schema.maxItems : least
  const count = place.depth >= deepest ? (typeof schema.minItems === 'number' ? least : 0) : Math.min(least, most)
  return Array.from({ length: count }, () => instance(schema.items ?? { type: 'string' }, deeper(place)))
}

function numberInstance(schema: Schema, integer: boolean): number {
  const step = typeof schema.multipleOf === 'number' ? schema.multipleOf : 1
  const low = typeof schema.exclusiveMinimum === 'number' ? schema.exclusiveMinimum + step : schema.minimum
  const high = typeof schema.exclusiveMaximum === 'number' ? schema.exclusiveMaximum - step : schema.maximum
  const least = schema.exclusiveMinimum ?? schema.minimum
  let value = typeof low === 'number' ? Math.ceil(low / step) * step : step
  if (typeof high === 'number' && value > high) value = typeof least === 'number' ? (least + high) / 2 : high
  return integer ? Math.floor(value) : value
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1M',
  email: 'simulated@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/simulated',
  uuid: '00000000-0000-4000-8000-000000000000',
}

function stringInstance(schema: Schema, place: Place): string {
  const format = typeof schema.format === 'string' ? formats[schema.format] : undefined
  const word = format ?? place.wordFor(place.property) ?? 'simulated'
  const least = typeof schema.minLength === 'number' ? schema.minLength : 0
  const most = typeof schema.maxLength === 'number' ? schema.maxLength : Number.POSITIVE_INFINITY
  return [...word.padEnd(least, '.')].slice(0, most).join('')
}

function deeper(place: Place): Place {
  return { ...place, depth: place.depth + 1 }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asSchema(value: unknown): Schema {
  return isSchema(value) ? value : {}
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}
