// gRPC's descriptions of its codes, which xAI gives as the code of an error
const statusesByPhrase: Readonly<Record<string, number>> = {
  'client specified an invalid argument': 400,
  'the request does not have valid authentication credentials for the operation': 401,
  'the caller does not have permission to execute the specified operation': 403,
  'some requested entity was not found': 404,
  'some resource has been exhausted': 429,
  'the service is currently unavailable': 503,
}

/** The HTTP status that an error's code stands for: `"503"`, or its description. */
export function statusOfCode(code = ''): number | undefined {
  return /^[45]\d\d$/.test(code) ? Number(code) : statusesByPhrase[code.toLowerCase()]
}
