import { fault, textAt } from '../field-checks.ts'

/** A name that the wire takes for a function or a schema. */
export function checkedName(value: unknown, path: string): string {
  const name = textAt(value, path)
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw fault(path, `is "${name.slice(0, 80)}"; it must be 1 to 64 letters, digits, underscores or dashes.`)
  return name
}
