import type {
  SelectableTarget,
  Selection,
  SelectionPolicy,
  SelectionReason,
  TargetSelector,
} from './selection-policy.ts'

/**
 * Shares requests among targets by their weights, exactly: after any number of requests each target has been asked
 * first as often as its share says, give or take less than one. A weight of 0 is asked only where others fail.
 */
export function weighted(): SelectionPolicy {
  return { name: 'weighted', selector: () => new WeightedSelector() }
}

interface Share {
  readonly target: SelectableTarget
  /** Of all requests, from 0 to 1. */
  readonly share: number
  /** Requests, this one included. */
  readonly owed: number
  /** Requests from now on, after which it is owed too much. */
  readonly patience: number
  /** Asked now, it would have had too much. */
  readonly waits: boolean
}

/** Sums of shares are not exact. */
const rounding = 1e-9

/** By Tijdeman's rule: of those that are owed enough, the one goes that would first be owed too much. */
class WeightedSelector implements TargetSelector {
  /** How many requests each is owed, in the end always less than one more or less. */
  readonly #owed = new Map<SelectableTarget, number>()

  select(targets: readonly SelectableTarget[]): Selection {
    const shares = this.#shares(targets).sort(
      (one, other) => Number(one.waits) - Number(other.waits) || one.patience - other.patience || 0,
    )
    return {
      order: shares.map(({ target }) => target),
      reasons: target => reasons(shares, target),
      taken: () => this.#take(shares),
    }
  }

  #shares(targets: readonly SelectableTarget[]): Share[] {
    let total = 0
    for (const { weight } of targets) total += weight
    const least = 1 / Math.max(2, 2 * targets.length - 2)
    return targets.map(target => {
      const share = total === 0 ? 0 : target.weight / total
      const owed = (this.#owed.get(target) ?? 0) + share
      const patience = share === 0 ? Number.POSITIVE_INFINITY : (1 - least - owed) / share
      return { target, share, owed, patience, waits: share === 0 || owed < least - rounding }
    })
  }

  #take(shares: readonly Share[]): void {
    for (const [at, { target, share, owed }] of shares.entries()) {
      // who was away gets no more of what it missed than one request
      if (share > 0) this.#owed.set(target, Math.min(1, Math.max(-1, at === 0 ? owed - 1 : owed)))
    }
  }
}

function reasons(shares: readonly Share[], asked: SelectableTarget): readonly SelectionReason[] {
  const at = shares.findIndex(({ target }) => target === asked)
  const { weight } = asked
  const share = shares[at]?.share ?? 0
  if (share === 0) {
    return [{ code: 'weight', message: 'its weight is 0: it is asked where all others fail', data: { weight, share } }]
  }
  const turn = at === 0 ? ', and it is its turn' : ''
  const message = `its share is ${Math.round(share * 1_000) / 10} %${turn}`
  return [{ code: 'weight', message, data: { weight, share } }]
}
