/** Whether two names are of one model: a name with a date is that of the same name without. */
export function sameModel(first: string, second: string): boolean {
  return undated(first) === undated(second)
}

function undated(name: string): string {
  return name.replace(/-(\d{8}|latest)$/, '')
}
