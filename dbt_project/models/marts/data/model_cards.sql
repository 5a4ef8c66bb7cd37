-- One row per model version in use, with its card.
select
    cards.model_name,
    cards.model_version,
    cards.card,
    campaign.data_as_of,
    campaign.release_id
from {{ source('models', 'model_cards') }} as cards
cross join {{ source('config', 'campaign') }} as campaign
