-- Other or not disclosed by quarter: how many, their content, and that of all staff (not yet modulo 2**64). The keys of
-- women, men and other are given.
select
    quarter,
    sum(other)::bigint as other,
    sum(other::hugeint * (key::hugeint + $3::hugeint)) as content,
    sum(
        women::hugeint * (key::hugeint + $1::hugeint) + men::hugeint * (key::hugeint + $2::hugeint)
        + other::hugeint * (key::hugeint + $3::hugeint)
    ) as everybody
from staff_core
group by quarter
having sum(other) > 0
order by quarter;
