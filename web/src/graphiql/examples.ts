/** Beef that a supplier phoned about: it had been used up when it was held. */
const HELD_LOT_CODE = 'RAW-20261027-DUNA-0002';

/** A pallet made of that beef, ten steps later: 35 ancestors. */
const PALLET_CODE = 'PAL-20261028-DUNA-0003';

/** A week's run of ready meals, from thawing to dispatch. */
const RUN_CODE = 'RUN-20261005-DUNA-0001';

/** A question to start from; each opens in a tab of its own at the first visit. The lots are those of `flowviz demo`. */
export interface Example {
  /** The question in words. GraphiQL names a tab after its operation, so the operation's name is this in PascalCase. */
  title: string;
  query: string;
  variables: Record<string, unknown>;
}

export const examples: Example[] = [
  {
    title: 'What is this pallet made of', // README.md has the same query, with its answer
    query: `query WhatIsThisPalletMadeOf {
  lot(code: "PAL-20261028-DUNA-0003") {
    code
    status
    exposed
    exposures { cause { code } since path { code } }
    ancestors(first: 3, filter: { lotType: ["RAW"] }) {
      totalCount
      maxDepth
      nodes { code weightKg supplier { name } attributes { description supplierLotCode } }
    }
  }
}
`,
    variables: {},
  },
  {
    title: 'Where did the held beef go',
    query: `# All that was made of one lot, each once, nearest first; and what of it has left the plant or still can.
query WhereDidTheHeldBeefGo($code: String!) {
  lot(code: $code) {
    code
    status
    held
    holds {
      reason
      heldAt
      heldBy {
        fullName
      }
    }
    descendants(first: 100) {
      totalCount
      maxDepth
      edges {
        depth
        node {
          code
          status
          weightKg
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    shipments: descendants(filter: { lotType: ["SHIP"] }) {
      totalCount
      nodes {
        code
        weightKg
        occurredAt
      }
    }
    stillHere: descendants(filter: { status: [QUARANTINE, RELEASED, HOLD] }) {
      totalCount
      nodes {
        code
        status
        remainingKg
      }
    }
  }
}
`,
    variables: { code: HELD_LOT_CODE },
  },
  {
    title: 'How much of it is in each lot',
    query: `# The genealogy as one graph, ready to draw: every lot once, every link once. shareKg is how much of the beef a lot can hold.
query HowMuchOfItIsInEachLot($code: String!) {
  lot(code: $code) {
    genealogy(direction: DESCENDANTS) {
      depth
      lotCount
      linkCount
      truncated
      nodes {
        depth
        shareKg
        lot {
          id
          code
          weightKg
        }
      }
      links {
        parent
        child
        kind
        quantityKg
      }
    }
  }
}
`,
    variables: { code: HELD_LOT_CODE },
  },
  {
    title: 'What came of this run',
    query: `# One run: what went in and came out, how it was judged, and the lots that it made.
query WhatCameOfThisRun($code: String!) {
  run(code: $code) {
    code
    status
    scenario {
      key
      version
    }
    summary {
      durationSeconds
      inKg
      outKg
      yieldPercent
      decisions {
        pass
        hold
        fail
      }
      lotTypes {
        lotType {
          name
        }
        count
        weightKg
      }
    }
    lots(first: 50) {
      totalCount
      nodes {
        code
        status
        weightKg
        phase {
          number
          name
        }
      }
    }
  }
}
`,
    variables: { code: RUN_CODE },
  },
  {
    title: 'What is held or exposed',
    query: `# Lots on hold, and those made of one that are still in the plant; with the way from cause to lot.
query WhatIsHeldOrExposed {
  held: lots(filter: { held: true }) {
    totalCount
    nodes {
      code
      status
      holds {
        reason
        heldAt
        endedAt
      }
    }
  }
  exposed: lots(filter: { exposed: true, status: [QUARANTINE, RELEASED, HOLD] }) {
    totalCount
    nodes {
      code
      status
      exposures {
        reason
        since
        path {
          code
        }
      }
    }
  }
}
`,
    variables: {},
  },
  {
    title: 'Parents six deep',
    query: `# Step by step back, with what flowed in each step. A lot comes once for each way to it; 'ancestors' has each once.
query ParentsSixDeep($code: String!) {
  lot(code: $code) {
    ...Step
    parents(first: 10) {
      ...Flow
      lot {
        ...Step
        parents(first: 10) {
          ...Flow
          lot {
            ...Step
            parents(first: 10) {
              ...Flow
              lot {
                ...Step
                parents(first: 10) {
                  ...Flow
                  lot {
                    ...Step
                    parents(first: 10) {
                      ...Flow
                      lot {
                        ...Step
                        parents(first: 10) {
                          ...Flow
                          lot {
                            ...Step
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}

fragment Step on Lot {
  code
  weightKg
}

fragment Flow on LotLink {
  quantityKg
  transformation {
    kind
    occurredAt
  }
}
`,
    variables: { code: PALLET_CODE },
  },
];
