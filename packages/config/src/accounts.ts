import {
  type Accounting,
  type AdmissionStep,
  type Clock,
  type EventHub,
  isSwitchyardError,
  type Limiter,
  type LimitStore,
  type Pricing,
  type Random,
  type RequestRecorder,
} from '@switchyard/core'
import { createAccounting } from '@switchyard/core/accounting'
import { createLimiter, createMemoryLimits } from '@switchyard/core/limits'
import type { Ledger } from '@switchyard/ledger'
import { budgetDefinitions } from './budget-definitions.ts'
import { problemAt } from './config-origin.ts'
import { holdings } from './holdings.ts'
import { limitDefinitions } from './limit-definitions.ts'
import { redactedPrompt } from './redacted-prompt.ts'
import type { Config } from './schema.ts'
import { tokenEstimate } from './token-estimate.ts'

export interface AccountsOptions {
  /** Holds the embedded ledger, or the journal of one elsewhere. */
  readonly dataDirectory: string | undefined
  readonly pricing: Pricing
  /** What counts limits for several processes. */
  readonly sharing: { readonly limits: LimitStore } | undefined
  readonly events: EventHub
  readonly clock: Clock
  readonly random: Random
  /** Named in errors. */
  readonly file: string | undefined
  /** Told of what goes wrong with the ledger and nobody's call. */
  readonly onLedgerError: ((error: Error) => void) | undefined
}

/** What holds requests to budgets and limits, and keeps what they used. */
export interface Accounts extends AsyncDisposable {
  readonly ledger: Ledger | undefined
  readonly accounting: Accounting | undefined
  readonly limiter: Limiter | undefined
  /** For every chain: limits before budgets, which are dearer to ask. */
  readonly steps: readonly AdmissionStep[]
  readonly recorders: readonly RequestRecorder[]
}

/** @throws {ConfigError} naming the place of a database that cannot be used. */
export async function openAccounts(config: Config, options: AccountsOptions): Promise<Accounts> {
  const { pricing, sharing, events, clock } = options
  const ledger = await openConfiguredLedger(config, options)
  const limits = limitDefinitions(config)
  const limiter =
    limits.length === 0
      ? undefined
      : createLimiter({
          store: sharing?.limits ?? createMemoryLimits({ clock }),
          limits,
          holdings: holdings(config, 'limit'),
          estimate: tokenEstimate(pricing, clock),
          events,
          clock,
        })
  const accounting =
    ledger &&
    createAccounting({
      pricing,
      store: ledger,
      budgets: budgetDefinitions(config),
      holdings: holdings(config, 'budget'),
      events,
      clock,
      ...(config.ledger?.keepPrompts !== undefined && { keepPrompts: redactedPrompt }),
    })
  return {
    ledger,
    accounting,
    limiter,
    steps: [...(limiter ? [limiter] : []), ...(accounting ? [accounting.step] : [])],
    recorders: accounting ? [accounting.recorder] : [],
    async [Symbol.asyncDispose]() {
      limiter?.dispose()
      // it gives back what it reserved
      await accounting?.dispose()
      await ledger?.dispose()
    },
  }
}

async function openConfiguredLedger(config: Config, options: AccountsOptions): Promise<Ledger | undefined> {
  const { dataDirectory, clock, random, file, onLedgerError } = options
  const { url, lease, retention } = config.ledger ?? {}
  if (url === undefined && dataDirectory === undefined) return undefined
  const { openLedger } = await import('@switchyard/ledger')
  try {
    return await openLedger({
      clock,
      random,
      ...(url !== undefined && { url }),
      ...(lease !== undefined && { leaseMs: lease }),
      ...(retention !== undefined && { retainMs: retention }),
      ...(dataDirectory !== undefined && { dataDirectory }),
      ...(onLedgerError && { onError: onLedgerError }),
    })
  } catch (error) {
    // who has it is nothing that the file says
    if (!isSwitchyardError(error) || config.ledger === undefined || error.code === 'data-directory') throw error
    const cure = error.kind === 'unavailable' && url !== undefined ? ' Start it, or correct this URL.' : ''
    throw problemAt(config, ['ledger', ...(url === undefined ? [] : ['url'])], `${error.message}${cure}`, file)
  }
}
