import { z } from 'zod'
import { configSchema } from './schema.ts'

const reference = { type: 'string', pattern: '\\$\\{[A-Za-z_]' }

/** The JSON Schema of a configuration file, for editors. */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ jsonSchema: part }) => {
      const { description, ...own } = part
      const exact =
        own.type === 'integer' || own.type === 'number' || own.pattern !== undefined || own.format !== undefined
      if (!exact) return
      // an environment variable may stand wherever a value stands
      for (const key of Object.keys(part)) delete part[key]
      Object.assign(part, description === undefined ? {} : { description }, { anyOf: [own, reference] })
    },
  })
  return { ...schema, title: 'Switchyard configuration' }
}
