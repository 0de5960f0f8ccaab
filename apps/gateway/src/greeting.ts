import type { Gateway } from './start-gateway.ts'

/** What is printed when the gateway serves: where, what, and a line to try it with. */
export function greeting(gateway: Gateway, notes: readonly string[]): string {
  const models = gateway.switchyard.models()
  const chains = models.filter(model => model.kind === 'chain')
  const aliases = models.filter(model => model.kind === 'alias')
  const providers = gateway.switchyard.registry.list()
  const width = Math.max(...[...chains, ...aliases].map(model => model.id.length), 0)
  const lines = [
    `Switchyard serves on ${gateway.url}`,
    ...(gateway.simulated ? ['SIMULATED: no real model answers here.'] : []),
    ...notes,
    ledgerLine(gateway),
    ...gateway.switchyard.retirements().map(({ message }) => `Beware: ${message}`),
    '',
    ...chains.map(chain => `  ${chain.id.padEnd(width)}  ${targetsText(chain)}`),
    ...aliases.map(alias => `  ${alias.id.padEnd(width)}  = ${alias.targets.join()}`),
    ...(chains.length + aliases.length > 0 ? [''] : []),
    ...(models[0] === undefined
      ? [`Ask for a provider's model: ${providers.map(({ id }) => `${id}/<model>`).join(', ')}`, '']
      : ['Try it:', `  ${curlLine(gateway.url, models[0].id, gateway.open)}`, '']),
  ]
  return `${lines.join('\n')}\n`
}

const choices = {
  weighted: 'by weight',
  latency: 'the fastest first',
  cost: 'the cheapest first',
  leastBusy: 'the least busy first',
}

function targetsText({ targets, select }: ReturnType<Gateway['switchyard']['models']>[number]): string {
  return select === undefined ? targets.join(', then ') : `${targets.join(', ')}: ${choices[select]}`
}

/** A command for a POSIX shell that asks this model for an answer; the key, if it takes one, is in `$KEY`. */
export function curlLine(url: string, model: string, withoutKeys = true): string {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Say hello.' }] })
  const key = withoutKeys ? '' : ' -H "authorization: Bearer $KEY"'
  return `curl ${url}/v1/chat/completions${key} -H 'content-type: application/json' -d '${body.replaceAll("'", `'\\''`)}'`
}

function ledgerLine({ switchyard: { ledger }, forgetful }: Gateway): string {
  if (forgetful) return 'Usage is kept until it stops, as all is simulated; GET /usage tells it.'
  return `Usage is kept in ${ledger?.place}; GET /usage tells it.`
}
