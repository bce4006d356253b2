"""History of the live text.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('draft_sittings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('first_update_id', sa.Integer(), nullable=False),
    sa.Column('last_update_id', sa.Integer(), nullable=False),
    sa.Column('updates', sa.Integer(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('origin', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_draft_sittings_draft_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_sittings')),
    sa.UniqueConstraint('draft_id', 'number', name=op.f('uq_draft_sittings_draft_id_number'))
    )
    with op.batch_alter_table('draft_sittings', schema=None) as batch_op:
        batch_op.create_index('ix_draft_sittings_draft_id_first_update_id', ['draft_id', 'first_update_id'], unique=False)

    op.create_table('sitting_parts',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sitting_id', sa.Integer(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('key', sa.String(length=20), nullable=False),
    sa.Column('added', sa.Integer(), nullable=False),
    sa.Column('removed', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_sitting_parts_draft_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_sitting_parts_person_id'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['sitting_id'], ['draft_sittings.id'], name=op.f('fk_sitting_parts_sitting_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sitting_parts')),
    sa.UniqueConstraint('sitting_id', 'person_id', 'key', name=op.f('uq_sitting_parts_sitting_id_person_id_key'))
    )
    with op.batch_alter_table('sitting_parts', schema=None) as batch_op:
        batch_op.create_index('ix_sitting_parts_draft_id_key_sitting_id', ['draft_id', 'key', 'sitting_id'], unique=False)
        batch_op.create_index('ix_sitting_parts_draft_id_person_id_sitting_id', ['draft_id', 'person_id', 'sitting_id'], unique=False)

    op.create_table('draft_checkpoints',
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('update_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('state', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_draft_checkpoints_draft_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('draft_id', 'update_id', name=op.f('pk_draft_checkpoints'))
    )
    op.create_table('draft_arrangements',
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('update_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sections', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['draft_id'], ['drafts.id'], name=op.f('fk_draft_arrangements_draft_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('draft_id', 'update_id', name=op.f('pk_draft_arrangements'))
    )


def downgrade() -> None:
    op.drop_table('draft_arrangements')
    op.drop_table('draft_checkpoints')
    with op.batch_alter_table('sitting_parts', schema=None) as batch_op:
        batch_op.drop_index('ix_sitting_parts_draft_id_person_id_sitting_id')
        batch_op.drop_index('ix_sitting_parts_draft_id_key_sitting_id')

    op.drop_table('sitting_parts')
    with op.batch_alter_table('draft_sittings', schema=None) as batch_op:
        batch_op.drop_index('ix_draft_sittings_draft_id_first_update_id')

    op.drop_table('draft_sittings')
