import fc from 'fast-check'
import { expect, it } from 'vitest'
import { namesFor } from './compared-scope.fixture.ts'
import { heldBy } from './held-by.ts'
import type { Holding, Scope } from './scope.ts'

const name = fc.constantFrom('a', 'b', 'c', 'a/b')
const scope: fc.Arbitrary<Scope> = fc.oneof(
  fc.constant({ type: 'all' } as const),
  fc.record({
    type: fc.constantFrom('chain', 'key', 'provider', 'model', 'tag' as const),
    name,
  }) as fc.Arbitrary<Scope>,
)
const holding: fc.Arbitrary<Holding> = fc.record({ scope, name: fc.constantFrom('x', 'y', 'z') })

it('what holds is found as if every holding were compared, each once, in the order of the names', () => {
  fc.assert(
    fc.property(
      fc.array(holding),
      fc.record({
        chains: fc.array(name),
        provider: name,
        target: name,
        context: fc.record({ principal: name, tags: fc.array(name) }, { requiredKeys: [] }),
      }),
      (holdings, attempt) => {
        const order = [...new Set(holdings.map(held => held.name))]
        const expected = namesFor(holdings, attempt)
        const found = heldBy(holdings, held => held)(attempt)
        expect([...found].sort()).toEqual([...expected].sort())
        expect(found).toEqual([...found].sort((one, other) => order.indexOf(one) - order.indexOf(other)))
      },
    ),
  )
})
