import { parseArgs } from 'node:util'

/** What the command line asks for. */
export type Command =
  | { readonly type: 'serve'; readonly config?: string; readonly host?: string; readonly port?: number }
  | { readonly type: 'help' }
  | { readonly type: 'mistake'; readonly message: string }

export const help = `Usage: switchyard-gateway [--config FILE] [--port N] [--host H]

  --config FILE  the configuration; default: switchyard.yaml, .yml, .json, .ts or .js here, else the environment
  --port N       the port to listen on; 0 takes any that is free; default 8080
  --host H       the address to listen on; default 127.0.0.1
  --help         this page
`

/** Reads the command line. */
export function parseCommandLine(args: readonly string[]): Command {
  try {
    const { values } = parseArgs({
      // pnpm passes its own separator on
      args: args[0] === '--' ? args.slice(1) : [...args],
      options: {
        config: { type: 'string' },
        port: { type: 'string' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    if (values.help) return { type: 'help' }
    for (const [name, value] of Object.entries(values)) {
      if (value === '') throw new Error(`--${name} takes a value`)
    }
    const port = values.port === undefined ? undefined : portOf(values.port)
    return {
      type: 'serve',
      ...(values.config !== undefined && { config: values.config }),
      ...(values.host !== undefined && { host: values.host }),
      ...(port !== undefined && { port }),
    }
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.\s/)
    return { type: 'mistake', message: `${sentence?.replace(/\.$/, '')}; --help tells what there is` }
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error('--port takes a number from 0 to 65535')
}
