const mask = '[redacted]'

const credentials = [
  /\b(?:sk|pk|rk|gsk|xai|hf|r8|sk-ant|sess|ghp|glpat)[-_][A-Za-z0-9_*.-]{6,}[A-Za-z0-9_*]/g,
  /\bAIza[A-Za-z0-9_-]{10,}/g,
  /\beyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g,
]
const bearer = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/*-]{6,}=*/gi
const parameter = /\b(api[-_]?key|access[-_]?token|key|token|secret|password)=[^\s&"'<>]{4,}/gi

/** The text without these secrets, and without whatever else looks like a credential. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text
  for (const secret of [...secrets].sort((first, second) => second.length - first.length)) {
    if (secret.length > 3) clean = clean.replaceAll(secret, mask)
  }
  clean = clean.replace(bearer, `$1 ${mask}`).replace(parameter, `$1=${mask}`)
  for (const pattern of credentials) clean = clean.replace(pattern, mask)
  return clean
}

/** At most `limit` characters, with a sign where some were left out. */
export function shorten(text: string, limit = 1000): string {
  if (text.length <= limit) return text
  const end = text.charCodeAt(limit - 1)
  // never half a surrogate pair
  return `${text.slice(0, end >= 0xd800 && end <= 0xdbff ? limit - 1 : limit)}…`
}
