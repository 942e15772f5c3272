-- One row a figure that a swap would change: one unit of measure less for a member in a month and more for its partner,
-- and the other way round in partner_month where there is one. A swap belongs to every small number below the city level: of
-- a unit, a chain, a cluster, of what lies in or outside 7510, and of what follows from these, as those with both a certain
-- chain and a certain cluster. A sum that a swap would change is hidden from the public, so that nothing that is shown
-- tells whether there was one.
SELECT DISTINCT
    swaps.indicator,
    here.dimension,
    here.member,
    swaps.month,
    there.member AS partner,
    swaps.partner_month
FROM stage.place_swaps AS swaps
JOIN stage.sensitive_members AS here
    ON here.indicator = swaps.indicator AND here.place = swaps.place AND here.month = swaps.month
JOIN stage.sensitive_members AS there
    ON there.indicator = swaps.indicator AND there.place = swaps.partner AND there.month = swaps.month
    AND there.dimension = here.dimension
    AND there.member IS DISTINCT FROM here.member
WHERE here.public
ORDER BY indicator, dimension, month, member, partner, partner_month
