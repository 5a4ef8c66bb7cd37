"""The contact world: one person is one person in every feed, seen through seeded dirt, with the truth kept."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from sample_reading import PLAN, Sample

from orchestration.sample import SamplePlan, feeds, write_sample
from orchestration.sample.crowd import PEOPLE_COLUMNS, Crowd
from orchestration.sample.dirt import mistyped
from orchestration.sample.rng import stream


class Recorder:
    """A feed that keeps the crowd it was given and claims one record per donor."""

    def __init__(self) -> None:
        self.crowd: Crowd | None = None

    def write(self, crowd: Crowd, plan: SamplePlan, landing: Path) -> pl.DataFrame:
        self.crowd = crowd
        seen = crowd.appear("recorder", plan.donor_share, columns=["email"])
        return seen.select(
            pl.lit("recorder").alias("source"), pl.format("r{}", "person").alias("record_key"), pl.col("person")
        )


def recorded(root: Path) -> tuple[Crowd, pl.DataFrame]:
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds, "FEEDS", ("recorder",))
        patch.setattr(feeds, "feed", lambda name: recorder)
        write_sample(PLAN, root / "landing", root / "truth")
    assert recorder.crowd is not None
    return recorder.crowd, pl.read_parquet(root / "truth" / "people_links.parquet")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Crowd, pl.DataFrame]:
    return recorded(tmp_path_factory.mktemp("crowd"))


@pytest.fixture(scope="module")
def crowd(world: tuple[Crowd, pl.DataFrame]) -> Crowd:
    return world[0]


def test_the_same_plan_makes_the_same_crowd_and_links(world: tuple[Crowd, pl.DataFrame], tmp_path: Path) -> None:
    again, links = recorded(tmp_path)
    assert again.people.equals(world[0].people)
    assert again.others.equals(world[0].others)
    assert links.equals(world[1])


def test_the_links_say_who_each_record_is(world: tuple[Crowd, pl.DataFrame]) -> None:
    people, links = world[0].people, world[1]
    assert links.columns == ["source", "record_key", "person", "voter_id"]
    assert len(links) == round(PLAN.donor_share * PLAN.voters)
    known = people.select("person", voter="voter_id")
    assert links.join(known, on="person").filter(~pl.col("voter_id").eq_missing(pl.col("voter"))).is_empty()
    assert 0 < links["voter_id"].null_count() < len(links) / 5


def test_the_people_have_the_columns_that_feeds_rely_on(crowd: Crowd) -> None:
    assert tuple(crowd.people.columns) == PEOPLE_COLUMNS
    assert crowd.people["person"].to_list() == list(range(len(crowd.people)))
    assert crowd.people["voter_id"].drop_nulls().is_unique().all()
    assert len(crowd.people) > 0.12 * PLAN.voters
    assert crowd.people.filter(~pl.col("phone").str.contains(r"^\+1[2-9]\d{9}$")).is_empty()
    assert crowd.people.filter(~pl.col("email").str.contains(r"@example\.(com|org|net)$")).is_empty()
    assert crowd.people.filter("is_protected")["state"].unique().sort().to_list() == ["FL", "NC"]


def test_the_people_are_those_of_the_voter_files(crowd: Crowd, sample: Sample) -> None:
    ohio = crowd.people.filter(pl.col("voter_id").str.starts_with("OH-"))
    rows = pl.DataFrame(sample.table("oh_voters")).select(
        voter_id="OH-" + pl.col("SOS_VOTERID"), born="DATE_OF_BIRTH",
        line="RESIDENTIAL_ADDRESS1", zip="RESIDENTIAL_ZIP",
    )  # fmt: skip
    both = ohio.join(rows, on="voter_id", how="left")
    assert len(both) > 100
    assert both.filter(pl.col("zip") != pl.col("zip5")).is_empty()
    assert both.filter(pl.col("born") != pl.col("birth_date").cast(pl.String)).is_empty()
    assert both.filter(~pl.col("address").str.starts_with(pl.col("line"))).is_empty()


def test_a_feed_always_sees_the_same_people_and_others_see_others(crowd: Crowd) -> None:
    first, again = crowd.appear("donors", 0.05), crowd.appear("donors", 0.05)
    assert first.equals(again)
    other_sender = crowd.appear("donors", 0.05, "winred")
    assert other_sender["person"].equals(first["person"])
    assert not other_sender["last_name"].equals(first["last_name"])
    assert set(crowd.appear("events", 0.05)["person"]) != set(first["person"])
    # Who gives is likelier to turn up than somebody drawn by lot.
    both = len(set(crowd.appear("events", 0.05)["person"]) & set(first["person"]))
    assert both > 0.05 * PLAN.voters * len(first) / len(crowd.people)


def test_a_feed_sees_only_the_columns_it_asks_for(crowd: Crowd) -> None:
    assert crowd.appear("x", 0.01, columns=["email", "phone"]).columns == ["person", "email", "phone"]


def test_the_dirt_has_every_kind_and_leaves_most_alone(crowd: Crowd) -> None:
    seen = crowd.appear("donors", 0.12).join(crowd.people, on="person", suffix="_true")

    def share(condition: pl.Expr) -> float:
        return len(seen.filter(condition)) / len(seen)

    def upper(name: str) -> pl.Expr:
        return pl.col(name).str.to_uppercase()

    assert 0.02 < share((pl.col("nickname_true") != "") & (upper("first_name") == pl.col("nickname_true"))) < 0.2
    assert 0.9 < share(upper("last_name") == pl.col("last_name_true")) < 0.999
    assert 0.02 < share(pl.col("zip5") != pl.col("zip5_true")) < 0.15
    assert 0.002 < share(pl.col("state") != pl.col("state_true")) < 0.06
    assert 0.01 < share(pl.col("email").str.starts_with("the")) < 0.2
    assert 0.01 < share(pl.col("phone") != pl.col("phone_true")) < 0.12
    assert 0.05 < share(pl.col("phone").is_null()) < 0.5
    assert share(pl.col("first_name") == pl.col("first_name").str.to_lowercase()) > 0.02
    assert seen["last_name"].null_count() == 0


def test_a_repeated_person_stands_twice_with_other_dirt(crowd: Crowd) -> None:
    seen = crowd.appear("donors", 0.05, repeats=0.3)
    twice = seen.filter(pl.len().over("person") == 2)
    assert 0.2 < twice["person"].n_unique() / seen["person"].n_unique() < 0.4
    assert twice.unique().shape[0] > 0.8 * len(twice)


def test_a_crowd_too_small_is_refused(crowd: Crowd) -> None:
    with pytest.raises(ValueError, match="more than the contact world holds"):
        crowd.appear("everybody", 0.9)


def test_a_typing_error_changes_a_name_by_one_letter() -> None:
    names = pl.Series("name", ["WILLIAMS", "LEE", "", "ÁLVAREZ"] * 50)
    wrong = mistyped(names, stream(1, "test"), 1.0)
    assert wrong.name == "name"
    pairs = list(zip(names, wrong, strict=True))
    assert all(old == new for old, new in pairs if len(old) < 4)
    assert sum(old != new for old, new in pairs if len(old) >= 4) > 80
    assert all(abs(len(old) - len(new)) <= 1 for old, new in pairs)


def test_every_feed_module_offers_write() -> None:
    assert all(callable(feeds.feed(name).write) for name in feeds.FEEDS)
